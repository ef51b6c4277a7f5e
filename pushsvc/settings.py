"""Typed settings: `PUSHSVC_` environment, then a TOML file, then defaults; an unknown key is an error."""

from __future__ import annotations

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

ENV_PREFIX = "PUSHSVC_"
MAX_PORT = 65_535
# What remains of a vendor's 128 characters: "/receipts/", the vendor, a cert id of up to ten digits, its secret.
MAX_RECEIPT_BASE_URL = 60
# Read by the command line, not by the service.
CLIENT_VARIABLES = frozenset({"PUSHSVC_SERVER", "PUSHSVC_CONFIG"})


class Settings(BaseSettings):
    """What `pushsvc serve` can be told. Each is `PUSHSVC_<NAME>` in the environment and `<name>` in the TOML file."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    listen: str = Field(default="127.0.0.1:50051", description="Address of the gRPC server; port 0 takes a free one.")
    http_listen: str = Field(
        default="127.0.0.1:8080",
        description="Address of the HTTP server, for health, metrics and receipts; port 0 takes a free one.",
    )
    insecure: bool = Field(
        default=False, description="Allow an address other than loopback without TLS. Anyone who reaches it can send."
    )
    database: str = Field(
        default="sqlite:///pushsvc.db",
        description="Where everything is kept: `sqlite:///` and a file path (four slashes: absolute).",
    )
    sealing_key: SecretStr | None = Field(
        default=None, description="Key that seals credentials, 32 bytes in base64. Unset: the key file's."
    )
    sealing_key_file: Path | None = Field(
        default=None,
        description="File of that key, made with mode 0600 at first start. Unset: the database's path with `.key`.",
    )
    allowed_base_urls: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated prefixes a certificate's `base_url` may start with. Empty: no base URL is taken.",
    )
    receipt_base_url: str = Field(
        default="",
        max_length=MAX_RECEIPT_BASE_URL,
        description="Public root of the HTTP server, to which vendors report. Empty: no vendor is asked to report.",
    )
    retention_days: float = Field(
        default=30,
        ge=1,
        le=3650,
        description="How long a message and what became of it are kept after it was accepted, in days.",
    )
    drain_seconds: float = Field(
        default=10,
        ge=0,
        le=300,
        description="On SIGTERM, how long running calls and hand-overs may take to finish, in seconds.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["text", "json"] = Field(default="text", description="Log lines for people or for programs.")

    @field_validator("allowed_base_urls", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(prefix.strip() for prefix in value.split(",") if prefix.strip())
        return value

    @field_validator("database")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if not value.removeprefix("sqlite:///") or not value.startswith("sqlite:///"):
            raise ValueError("must be sqlite:/// and a file path")
        return value

    @field_validator("receipt_base_url")
    @classmethod
    def _public_root(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
            raise ValueError("must be http:// or https://, a host and perhaps a path")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _stays_home(self) -> Self:
        for name, address in (("listen", self.listen), ("http_listen", self.http_listen)):
            host, _, port = address.rpartition(":")
            host = host.strip("[]")
            if not host or not (port.isascii() and port.isdecimal() and int(port[:6]) <= MAX_PORT):
                raise ValueError(f"{name} {address} is not host:port")
            is_loopback = host == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)
            if not is_loopback and not self.insecure:
                raise ValueError(f"{name} {address} is not loopback and there is no TLS; set insecure to allow it")
        return self

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_variables(cls, data: object) -> object:
        known = {ENV_PREFIX + name.upper() for name in cls.model_fields} | CLIENT_VARIABLES
        unknown = sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name not in known)
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}; the settings are {', '.join(sorted(known))}")
        return data

    @property
    def database_path(self) -> Path:
        """The SQLite file."""
        return Path(self.database.removeprefix("sqlite:///"))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, then the environment, then the TOML file named by PUSHSVC_CONFIG."""
        config_file = os.environ.get("PUSHSVC_CONFIG")
        if config_file and not Path(config_file).is_file():
            raise SettingsError(f"PUSHSVC_CONFIG names {config_file}, and there is no such file")
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file))


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
