"""Notices as they arrive at a receiver in the place of DingTalk, Feishu, WeCom and Slack."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat_receiver import certificate, receiving
from xuxie.retrain.notices import Notice, tell
from xuxie.retrain.notices.send import KEPT, VARIABLE
from xuxie.retrain.outcome import Outcome, Reason
from xuxie.retrain.settings import Notices

TOKEN = "1234567890abcdef1234567890abcdef"
ADDRESSES = {
    "oapi.dingtalk.com": f"dingtalk://{TOKEN}/",
    "open.feishu.cn": f"feishu://{TOKEN}/",
    "qyapi.weixin.qq.com": f"wecombot://{TOKEN}/",
    "hooks.slack.com": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
}
NOTICE = Notice(
    Outcome.PROMOTE,
    "20260101-020000",
    [Reason("better", "挑战者好 0.041 ± 0.012 比特/字", "better by 0.041 ± 0.012")],
)
CHOSEN = Notices(outcomes=["promote", "hold", "reject", "failure"])


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made))
    monkeypatch.setenv("NO_PROXY", "")
    return made


def words(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)


def test_each_service_gets_its_own_format(
    pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, " ".join(ADDRESSES.values()))
    with receiving(pem) as (proxy, received):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert tell(CHOSEN, NOTICE, tmp_path) == []
        told = [received.get(timeout=60) for _ in ADDRESSES]
    bodies = {one["host"]: one["body"] for one in told}
    paths = {one["host"]: one["path"] for one in told}
    assert bodies.keys() == ADDRESSES.keys()
    assert paths["oapi.dingtalk.com"] == f"/robot/send?access_token={TOKEN}"
    assert bodies["oapi.dingtalk.com"]["msgtype"] == "markdown"
    assert bodies["oapi.dingtalk.com"]["markdown"].keys() == {"title", "text"}
    assert paths["open.feishu.cn"].rstrip("/") == f"/open-apis/bot/v2/hook/{TOKEN}"
    assert bodies["open.feishu.cn"]["msg_type"] == "interactive"
    card = bodies["open.feishu.cn"]["card"]
    assert card["header"]["title"]["content"] == NOTICE.title()
    assert card["header"]["template"] == "green"
    assert [element["text"]["tag"] for element in card["elements"]] == ["lark_md"]
    assert paths["qyapi.weixin.qq.com"] == f"/cgi-bin/webhook/send?key={TOKEN}"
    assert bodies["qyapi.weixin.qq.com"]["msgtype"] == "text"
    assert bodies["qyapi.weixin.qq.com"]["text"].keys() == {"content"}
    assert paths["hooks.slack.com"] == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    for body in bodies.values():
        assert "新冠军上任" in words(body)
        assert "挑战者好 0.041 ± 0.012 比特/字" in words(body)
    assert not (tmp_path / KEPT).exists()


def test_what_did_not_arrive_is_sent_once_the_next_time(
    pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, ADDRESSES["oapi.dingtalk.com"])
    with receiving(pem, status=500) as (proxy, _):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert tell(CHOSEN, NOTICE, tmp_path) == ["dingtalk"]
    assert "a notice did not reach dingtalk" in capfd.readouterr().err
    quiet = Notice(Outcome.NOTHING, "", [])
    with receiving(pem) as (proxy, received):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert tell(CHOSEN, quiet, tmp_path) == []
        assert "新冠军上任" in words(received.get(timeout=60)["body"])
        assert tell(CHOSEN, quiet, tmp_path) == []
        assert received.empty()


@pytest.mark.parametrize(
    "address",
    [*ADDRESSES.values(), f"nosuch://{TOKEN}", f"dingtalk://{TOKEN[:3]}?", TOKEN, f"{TOKEN}/://"],
)
def test_no_secret_is_written_anywhere(
    pem: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    address: str,
) -> None:
    pem.unlink()
    monkeypatch.setenv(VARIABLE, address)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert len(tell(CHOSEN, NOTICE, tmp_path)) == 1
    written = "".join(capfd.readouterr()) + (tmp_path / KEPT).read_text(encoding="utf-8")
    for secret in (TOKEN, "TIiajkdnlazkcOXrIdevi7FQ"):
        assert secret not in written


def test_nothing_to_do_is_told_only_to_who_asked(
    pem: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, ADDRESSES["open.feishu.cn"])
    quiet = Notice(Outcome.NOTHING, "", [Reason("unchanged", "没有新文本", "no new text")])
    with receiving(pem) as (proxy, received):
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        tell(CHOSEN, quiet, tmp_path)
        assert received.empty()
        tell(Notices(outcomes=["nothing"]), quiet, tmp_path)
        assert "没有新文本" in words(received.get(timeout=60)["body"])
