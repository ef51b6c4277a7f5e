from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsError

from pushsvc.settings import Settings

SEALING_KEY = "bm90IGEgcmVhbCBrZXksIG1hZGUgdXAgZm9yIGl0ISE="


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PUSHSVC_"):
            monkeypatch.delenv(name)


def toml(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    path = folder / "pushsvc.toml"
    path.write_text(text)
    monkeypatch.setenv("PUSHSVC_CONFIG", str(path))


def test_without_any_setting_it_stays_on_loopback_and_in_a_local_file() -> None:
    settings = Settings()

    assert settings.listen == "127.0.0.1:50051"
    assert settings.insecure is False
    assert settings.database == "sqlite:///pushsvc.db"
    assert settings.sealing_key is None
    assert settings.sealing_key_file is None
    assert settings.allowed_base_urls == ()


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_LISTEN", "127.0.0.1:6000")
    monkeypatch.setenv("PUSHSVC_DRAIN_SECONDS", "2.5")
    monkeypatch.setenv("PUSHSVC_LOG_FORMAT", "json")

    settings = Settings()

    assert (settings.listen, settings.drain_seconds, settings.log_format) == ("127.0.0.1:6000", 2.5, "json")


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    toml(monkeypatch, tmp_path, 'log_level = "error"\nlog_format = "json"\ndrain_seconds = 1\n')
    monkeypatch.setenv("PUSHSVC_LOG_LEVEL", "warning")
    monkeypatch.setenv("PUSHSVC_DRAIN_SECONDS", "2")

    settings = Settings(drain_seconds=3)

    assert (settings.log_format, settings.log_level, settings.drain_seconds) == ("json", "warning", 3)


def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_LISTEM", "127.0.0.1:6000")

    with pytest.raises(ValidationError, match=r"unknown setting PUSHSVC_LISTEM; the settings are .*PUSHSVC_LISTEN"):
        Settings()


def test_the_command_lines_own_variables_are_not_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_SERVER", "127.0.0.1:6000")

    assert Settings().listen == "127.0.0.1:50051"


def test_an_unknown_key_of_the_file_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml(monkeypatch, tmp_path, 'listem = "127.0.0.1:6000"\n')

    with pytest.raises(ValidationError, match="listem"):
        Settings()


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "127.8.9.1:1", "localhost:50051", "[::1]:50051"])
def test_loopback_needs_no_leave(listen: str) -> None:
    assert Settings(listen=listen).listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:50051", "10.1.2.3:50051", "[::]:50051", "push.example:50051"])
def test_another_address_is_refused_until_insecure_allows_it(listen: str) -> None:
    with pytest.raises(ValidationError, match="is not loopback and there is no TLS; set insecure to allow it"):
        Settings(listen=listen)

    assert Settings(listen=listen, insecure=True).listen == listen


def test_allowed_base_urls_are_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_ALLOWED_BASE_URLS", " http://127.0.0.1:9090 ,https://proxy.example,, ")

    assert Settings().allowed_base_urls == ("http://127.0.0.1:9090", "https://proxy.example")


def test_allowed_base_urls_may_be_a_list_in_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toml(monkeypatch, tmp_path, 'allowed_base_urls = ["http://127.0.0.1:9090"]\n')

    assert Settings().allowed_base_urls == ("http://127.0.0.1:9090",)


def test_the_sealing_key_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUSHSVC_SEALING_KEY", SEALING_KEY)

    settings = Settings()

    assert settings.sealing_key == SecretStr(SEALING_KEY)
    assert SEALING_KEY not in repr(settings)
    assert SEALING_KEY not in str(settings)
    assert SEALING_KEY not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("database", "path"),
    [
        ("sqlite:///pushsvc.db", Path("pushsvc.db")),
        ("sqlite:///data/pushsvc.db", Path("data/pushsvc.db")),
        ("sqlite:////var/lib/pushsvc.db", Path("/var/lib/pushsvc.db")),
    ],
)
def test_a_database_is_sqlite_and_a_path(database: str, path: Path) -> None:
    assert Settings(database=database).database_path == path


@pytest.mark.parametrize(
    "database", ["", "sqlite:///", "sqlite://pushsvc.db", "pushsvc.db", "postgresql://db/pushsvc", "SQLITE:///x"]
)
def test_any_other_database_is_refused(database: str) -> None:
    with pytest.raises(ValidationError, match="must be sqlite:/// and a file path"):
        Settings(database=database)


@pytest.mark.parametrize("drain_seconds", [-1, 301])
def test_a_drain_outside_its_bounds_is_refused(drain_seconds: float) -> None:
    with pytest.raises(ValidationError, match="drain_seconds"):
        Settings(drain_seconds=drain_seconds)


def test_settings_do_not_change_once_read() -> None:
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.listen = "127.0.0.1:1"


@pytest.mark.parametrize("listen", ["127.0.0.1", ":50051", "127.0.0.1:abc", "127.0.0.1:65536", "127.0.0.1:-1"])
def test_what_is_no_host_and_port_is_refused(listen: str) -> None:
    with pytest.raises(ValidationError, match="is not host:port"):
        Settings(listen=listen)


def test_a_settings_file_that_is_not_there_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PUSHSVC_CONFIG", str(tmp_path / "none.toml"))

    with pytest.raises(SettingsError, match=r"none\.toml, and there is no such file"):
        Settings()
