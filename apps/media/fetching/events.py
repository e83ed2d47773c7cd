"""What the apps above are told about pictures that lay elsewhere."""

import msgspec


class PictureFetched(msgspec.Struct, frozen=True):
    """The picture at `url` is one of ours now, and found at `address`."""

    url: str
    address: str
