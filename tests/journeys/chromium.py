"""A real browser, driven over its DevTools pipe (https://chromedevtools.github.io/devtools-protocol/)."""

import asyncio
import json
import os
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

BROWSER = shutil.which("chromium")
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server")
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}
BLANK = "about:blank"
LARGEST_MESSAGE = 16 * 1024 * 1024
PATIENCE = 60  # seconds that anything may take on a busy machine


class Tab:
    """One page of a browser."""

    def __init__(self, reader: asyncio.StreamReader, to_browser: int) -> None:
        self._reader = reader
        self._to_browser = to_browser
        self._session: dict[str, str] = {}
        self._sent = 0
        self._place = BLANK
        self._loads = 0

    async def open(self, url: str) -> None:
        """Returns when all of it is loaded."""
        target = await self._call("Target.createTarget", url=BLANK)
        attached = await self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        await self._call("Page.enable")
        await self.visit(url)

    async def visit(self, url: str) -> None:
        before = self._loads
        await self._call("Page.navigate", url=url)
        await self._loaded(after=before)

    async def lead_on(self, script: str) -> None:
        """Runs what leads to another page a moment later; returns when all of that is loaded."""
        before = self._loads
        await self.run(script)
        await self._loaded(after=before)

    async def run(self, script: str) -> Any:
        """What `script`, the body of an async function, returns in the page; fails when it throws."""
        wrapped = f"(async () => {{ {script} }})()"
        answer = await self._call("Runtime.evaluate", expression=wrapped, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def choose_files(self, selector: str, files: Sequence[Path]) -> None:
        """For the field of a form that takes files."""
        found = await self._call("Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})")
        paths = [str(file.resolve()) for file in files]
        await self._call("DOM.setFileInputFiles", files=paths, objectId=found["result"]["objectId"])

    async def press_key(self, key: str) -> None:
        """As somebody at the keyboard: "Enter", "Tab" or "Escape"."""
        pressed: dict[str, Any] = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        await self._call("Input.dispatchKeyEvent", type="keyDown", **pressed, **text)
        await self._call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def resize(self, width: int, height: int) -> None:
        await self._call("Emulation.setScrollbarsHidden", hidden=True)
        await self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )

    async def add_authenticator(self, *, verifies: bool = True, **more: Any) -> str:
        """A device that keeps passkeys, whose user is always there; its id."""
        await self._call("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies,
            "automaticPresenceSimulation": True,
            **more,
        }
        added = await self._call("WebAuthn.addVirtualAuthenticator", options=options)
        return str(added["authenticatorId"])

    async def passkeys(self, authenticator: str) -> list[dict[str, Any]]:
        """What the device keeps."""
        found = await self._call("WebAuthn.getCredentials", authenticatorId=authenticator)
        return list(found["credentials"])

    async def keep_passkey(self, authenticator: str, passkey: dict[str, Any]) -> None:
        """In the place of the one with the same id."""
        id = passkey["credentialId"]
        await self._call("WebAuthn.removeCredential", authenticatorId=authenticator, credentialId=id)
        await self._call("WebAuthn.addCredential", authenticatorId=authenticator, credential=passkey)

    async def set_verified(self, authenticator: str, *, is_verified: bool) -> None:
        """Whether its user shows the right finger from now on."""
        await self._call("WebAuthn.setUserVerified", authenticatorId=authenticator, isUserVerified=is_verified)

    async def go_offline(self, *, is_off: bool = True) -> None:
        conditions = {"offline": is_off, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        await self._call("Network.enable")
        await self._call("Network.emulateNetworkConditions", **conditions)

    async def prefer(self, **features: str) -> None:
        """What the reader has set, by the names of media features: `forced_colors="active"`."""
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        await self._call("Emulation.setEmulatedMedia", features=wanted)

    async def picture(self) -> bytes:
        """What the window shows, as PNG."""
        taken = await self._call("Page.captureScreenshot", format="png")
        return b64decode(taken["data"])

    async def _loaded(self, *, after: int) -> None:
        while self._loads == after:
            await self._message()

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        asked = {"id": self._sent, "method": method, "params": params, **self._session}
        os.write(self._to_browser, json.dumps(asked).encode() + b"\0")
        while (message := await self._message()).get("id") != self._sent:
            pass
        assert "error" not in message, message["error"]
        return dict(message["result"])

    async def _message(self) -> dict[str, Any]:
        """The next answer or event."""
        message = dict(json.loads((await self._reader.readuntil(b"\0"))[:-1]))
        if message.get("method") == "Page.frameNavigated":
            self._place = message["params"]["frame"]["url"]
        self._loads += message.get("method") == "Page.loadEventFired" and self._place != BLANK
        return message


@asynccontextmanager
async def tab(url: str, profile: Path) -> AsyncIterator[Tab]:
    """`url` in a browser of its own, which ends with the block."""
    (from_us, to_browser), (from_browser, to_us) = os.pipe(), os.pipe()
    command = (str(BROWSER), *OPTIONS, "--remote-debugging-pipe", f"--user-data-dir={profile}")
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f'exec "$@" 3<&{from_us} 4>&{to_us}', "browser", *command),
        pass_fds=(from_us, to_us),
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(from_us)
    os.close(to_us)
    reader = asyncio.StreamReader(limit=LARGEST_MESSAGE)
    pipe = os.fdopen(from_browser, "rb")
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    try:
        made = Tab(reader, to_browser)
        await asyncio.wait_for(made.open(url), PATIENCE)
        yield made
    finally:
        os.close(to_browser)  # the browser ends with its pipe
        await asyncio.wait_for(process.wait(), PATIENCE)
        transport.close()
