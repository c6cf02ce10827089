"""Settings: what may be written, and what is said of the rest."""

from datetime import timedelta

import pytest

from config.failures import SettingsProblem
from config.settings import FILE_VARIABLE, PREFIX, Settings, load_settings


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.delenv(FILE_VARIABLE, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> Settings:
    monkeypatch.setenv(PREFIX + name.upper(), value)
    return load_settings()


@pytest.mark.parametrize("value", ["30", "30.0", "PT30S"])
def test_durations_are_seconds_or_iso_8601_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert given(monkeypatch, "feeds_every", value).feeds_every == timedelta(seconds=30)


@pytest.mark.parametrize("value", ["a.id:80,b.id:81", '["a.id:80", "b.id:81"]'])
def test_inner_hosts_are_a_list_by_commas_or_json(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert given(monkeypatch, "inner_hosts", value).inner_hosts == {
        "a.id:80",
        "b.id:81",
    }


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("publish_every", "0", "lebih dari nol"),
        ("publish_every", "-5", "lebih dari nol"),
        ("publish_every", "nan", "detik"),
        ("publish_every", "sebentar", "detik"),
        ("host_gap", "-1", "negatif"),
        ("lease", "60", "lebih pendek dari lease"),
        ("timezone", "Mars/Phobos", "zona waktu"),
        ("timezone", "../../etc/passwd", "zona waktu"),
        ("timezone", "", "zona waktu"),
        ("inner_hosts", "localhost", "host:port"),
        ("log_level", "KERAS", "DEBUG"),
        ("public_url", "humas", "alamat lengkap"),
        ("public_url", "javascript:alert(1)", "alamat lengkap"),
        ("database_url", "mysql://a:rahasia-rekaan@b/c", "sqlite"),
        ("web_port", "99999", "65535"),
        ("web_port", "delapan", "bilangan bulat"),
        ("report_at", "25", "06:00"),
        ("log_json", "mungkin", "true"),
    ],
)
def test_a_value_that_cannot_be_used_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsProblem) as caught:
        given(monkeypatch, name, value)
    (line,) = caught.value.lines
    assert said in line
    assert "rahasia-rekaan" not in line


def test_a_named_file_must_be_there_unless_it_is_about_to_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(FILE_VARIABLE, "lain.toml")
    with pytest.raises(SettingsProblem, match=r"lain\.toml"):
        load_settings()
    assert load_settings(new=True).web_port == 8000
