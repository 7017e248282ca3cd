"""Three key servers on one machine, each with a folder, keys and a proxy of its own, as three organisations would have.

The first route of each goes through its proxy, the second past it: so a probe can tell a dead proxy from a dead server,
and clients have another way. Keys stay in the folder; what people deposited is forgotten at every start.
Every start begins another key log, under another name: browsers would take it for a fork of the one they saw.
"""

import json
import secrets
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from balie.consult.tokens import Issuer
from balie.embedded.parts import command
from balie.embedded.supervisor import Part

NAMES: Final = ("noord", "oost", "zuid")
PORTS: Final = 2 * len(NAMES)
INIT_WITHIN_S: Final = 60
CONFIG: Final = "keyserver.toml"
PUBLIC: Final = "public.json"


@dataclass(frozen=True)
class Vault:
    """One key server that can be started. `server` and `proxy` are ports."""

    name: str
    folder: Path
    server: int
    proxy: int
    kem: str
    sign: str
    ml_dsa: str
    key_log: str

    @property
    def routes(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in (self.proxy, self.server)]

    def parts(self) -> list[Part]:
        serve = command("balie.cli", "keyserver", "serve", "--config", self.folder / CONFIG, "--port", self.server)
        relay = command("balie.embedded.relay", "--port", self.proxy, "--to", self.server)
        return [Part(f"keyserver-{self.name}", serve), Part(f"proxy-{self.name}", relay)]


@dataclass(frozen=True)
class Vaults:
    """All three; `settings` is what the application must know."""

    each: tuple[Vault, ...]
    seed: str

    @property
    def settings(self) -> dict[str, str]:
        return {"BALIE_KEY_SERVERS": json.dumps(list(map(_shown, self.each))), "BALIE_TOKEN_SEED": self.seed}

    def parts(self) -> list[Part]:
        return [part for vault in self.each for part in vault.parts()]

    def told(self) -> str:
        return "; ".join(f"{vault.name} {' '.join(vault.routes)}" for vault in self.each)

    def addresses(self) -> dict[str, int]:
        """What can be asked for its health, by what it is called: each server by its proxy, and past it."""
        return {f"{name} of {vault.name}": getattr(vault, name) for vault in self.each for name in ("server", "proxy")}


def prepare_vaults(
    folder: Path, *, ports: Sequence[int], origin: str, rp_id: str, machines: Mapping[str, int] | None = None
) -> Vaults:
    """Their folders, settings and keys. `ports` are `PORTS` free ones; `machines`: people that are software, and how
    many releases a day they have.
    """
    seed = b64encode(secrets.token_bytes(32)).decode()
    key_log = f"{origin.partition('://')[2]}/key-log/{secrets.token_hex(4)}"
    servers, proxies = ports[: len(NAMES)], ports[len(NAMES) :]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "issuer.json").write_text(json.dumps(_issuer(origin, seed)), encoding="utf-8")
    for name, proxy in zip(NAMES, proxies, strict=True):
        near = folder / name
        near.mkdir(exist_ok=True)
        for old in near.glob("data/store.sqlite*"):
            old.unlink()
        settings = {
            "name": name,
            "data": "data",
            "audience": f"http://127.0.0.1:{proxy}",
            "issuer": origin,
            "jwks": "../issuer.json",
            "rp_id": rp_id,
            "origins": [origin],
            "key_log": key_log,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        limits = [f"{json.dumps(person)} = {most}" for person, most in (machines or {}).items()]
        (near / CONFIG).write_text("\n".join([*lines, "[machines]", *limits, ""]), encoding="utf-8")
    made = _make_keys([folder / name for name in NAMES])
    return Vaults(
        tuple(
            Vault(name, folder / name, server, proxy, key_log=key_log, **made[name])
            for name, server, proxy in zip(NAMES, servers, proxies, strict=True)
        ),
        seed,
    )


def _issuer(origin: str, seed: str) -> Any:
    return Issuer(origin=origin, seed=seed, servers=()).public()


def _make_keys(folders: list[Path]) -> dict[str, dict[str, str]]:
    """The public keys of each, made the first time: side by side, since each takes a moment to begin."""
    known = {folder: _public(folder) for folder in folders}
    new = [folder for folder in folders if known[folder].keys() != {"kem", "sign", "ml_dsa"}]
    processes = {
        folder: subprocess.Popen(  # noqa: S603 - our own command, no shell
            command("balie.cli", "keyserver", "public" if known[folder] else "init", "--config", folder / CONFIG),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for folder in new
    }
    for folder, process in processes.items():
        said, _ = process.communicate(timeout=INIT_WITHIN_S)
        if process.returncode != 0:
            raise RuntimeError(f"The key server in {folder} cannot begin: {said}")
        words = dict(line.split(maxsplit=1) for line in said.splitlines())
        del words["server"]
        (folder / PUBLIC).write_text(json.dumps(words), encoding="utf-8")
    return {folder.name: _public(folder) for folder in folders}


def _public(folder: Path) -> dict[str, str]:
    """As they were written down; nothing before the first start."""
    path = folder / PUBLIC
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _shown(vault: Vault) -> dict[str, Any]:
    return {
        "server": vault.name,
        "kem": vault.kem,
        "sign": vault.sign,
        "ml_dsa": vault.ml_dsa,
        "key_log": vault.key_log,
        "audience": vault.routes[0],
        "routes": vault.routes,
    }
