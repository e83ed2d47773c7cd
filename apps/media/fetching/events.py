"""Events about remote pictures that were fetched."""

import msgspec


class PictureFetched(msgspec.Struct, frozen=True):
    """The picture at `url` is one of ours now, and found at `address`."""

    url: str
    address: str
