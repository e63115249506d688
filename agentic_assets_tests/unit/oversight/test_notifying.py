"""Alerts by log, webhook and e-mail, to servers that really listen; whatever fails, fails nobody else."""

from __future__ import annotations

import email
import email.policy
import json
import logging
import re
import stat
from pathlib import Path

import pytest

from agentic_assets.errors import ConfigInvalid
from agentic_assets.home import Home
from agentic_assets.oversight.notifying import Alert, Journal, Mail, Webhook, notifiers_of, tell
from agentic_assets_tests.unit.oversight.receivers import hook, post_office

ALERT = Alert("a1b2", "stop", "yard", "porter stopped by kim · now", "reason: Überflutung\nsecond line", {"number": 1})


def test_a_webhook_is_posted_the_alert_as_json() -> None:
    with hook() as told:
        Webhook(told.url).send(ALERT)
    [(method, path, headers, body)] = told.requests
    assert (method, path) == ("POST", "/hooks/secret")
    assert headers["Content-Type"].startswith("application/json")
    assert json.loads(body) == ALERT.to_dict()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_does_not_take_it_is_a_failure_without_its_secret(status: int) -> None:
    with hook() as told:
        told.status = status
        notifier = Webhook(told.url)
        failed = tell(ALERT, [notifier])
    assert failed == {notifier.name: f"OSError: {notifier.name} answered {status}"}
    assert "secret" not in notifier.name
    assert [method for method, *_ in told.requests] == ["POST"]


def test_a_mail_reaches_every_address_with_the_whole_text() -> None:
    with post_office() as post:
        Mail(post.server, "agentic@example.com", ("duty@example.com", "kim@example.com")).send(ALERT)
    [(sender, recipients, content)] = post.messages
    message = email.message_from_string(content, policy=email.policy.default)
    assert (sender, recipients) == ("agentic@example.com", ["duty@example.com", "kim@example.com"])
    assert message["Subject"] == "[yard] porter stopped by kim · now"
    assert message["Message-ID"] == "<a1b2.stop@agentic-assets>"
    assert message.get_content().splitlines() == ALERT.text.splitlines()


def test_a_title_cannot_add_a_header() -> None:
    hostile = Alert("k", "stop", "yard", "x\r\nBcc: all@example.com", "text")
    with post_office() as post:
        Mail(post.server, "a@example.com", ("b@example.com",)).send(hostile)
    message = email.message_from_string(post.messages[0][2], policy=email.policy.default)
    assert message["Bcc"] is None
    assert post.messages[0][1] == ["b@example.com"]


def test_a_mail_that_nobody_takes_is_a_failure() -> None:
    with post_office() as post:
        post.refuses = True
        failed = tell(ALERT, [Mail(post.server, "a@example.com", ("b@example.com",))])
    assert "SMTPRecipientsRefused" in failed["mail to b@example.com"]


def test_what_one_notifier_cannot_do_keeps_no_other_from_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        name = "broken"

        def send(self, alert: Alert) -> None:
            raise ValueError(f"cannot tell {alert.kind}\nat all")

    with caplog.at_level(logging.WARNING, "agentic_assets.alerts"):
        told = tell(ALERT, [Broken(), Journal(tmp_path / "alerts.jsonl")])
    assert told == {"broken": "ValueError: cannot tell stop", "log": ""}
    assert json.loads((tmp_path / "alerts.jsonl").read_text())["key"] == "a1b2"
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_a_server_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with hook() as told:
        url = told.url
    with post_office() as post:
        server = post.server
    failed = tell(ALERT, [Webhook(url), Mail(server, "a@example.com", ("b@example.com",))])
    assert all("refused" in why for why in failed.values())


def test_without_settings_there_is_the_log(tmp_path: Path) -> None:
    assert [one.name for one in notifiers_of(Home.at(tmp_path), {})] == ["log"]


def test_the_file_of_the_home_and_the_environment_name_the_others(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    (tmp_path / "alerts.yaml").write_text(
        "webhooks: [https://one.example/x]\n"
        "mail: {server: 'smtps://u:p@mail.example', from: a@example.com, to: [b@example.com]}\n"
    )
    environ = {
        "AGENTIC_ALERT_WEBHOOKS": "https://two.example/y http://three.example:8080/",
        "AGENTIC_ALERT_SMTP": "smtp://mail.example",
        "AGENTIC_ALERT_FROM": "a@example.com",
        "AGENTIC_ALERT_TO": "c@example.com d@example.com",
    }
    assert [re.sub(r" \([0-9a-f]{6}\)$", "", one.name) for one in notifiers_of(home, environ)] == [
        "log",
        "webhook one.example",
        "mail to b@example.com",
        "webhook two.example",
        "webhook three.example:8080",
        "mail to c@example.com, d@example.com",
    ]


def test_two_hooks_of_one_host_have_two_names_and_neither_names_its_secret() -> None:
    names = [Webhook(f"https://hooks.example/{secret}").name for secret in ("s3cret", "other")]
    assert len(set(names)) == 2
    assert "s3cret" not in names[0]
    assert "other" not in names[1]


@pytest.mark.parametrize(
    ("text", "environ", "said"),
    [
        ("webhook: x\n", {}, "did you mean `webhooks`"),
        ("webhooks: [ftp://x]\n", {}, "webhook is not one"),
        ("", {"AGENTIC_ALERT_SMTP": "smtp://mail.example"}, "lack AGENTIC_ALERT_FROM, AGENTIC_ALERT_TO"),
    ],
)
def test_settings_that_cannot_be_used_are_said_and_stop_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, environ: dict[str, str], said: str
) -> None:
    if text:
        (tmp_path / "alerts.yaml").write_text(text)
    with caplog.at_level(logging.ERROR, "agentic_assets.alerts"):
        found = notifiers_of(Home.at(tmp_path), environ)
    assert [one.name for one in found] == ["log"]
    assert said in caplog.text


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "https:///x", "https://x y/", "https://x:99999/", "ftp://x/"]
)
def test_what_is_no_webhook_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Webhook(url)
    assert not url or url not in str(refused.value)


@pytest.mark.parametrize(
    ("server", "sender", "to"),
    [
        ("mail.example", "a@b", ("c@d",)),
        ("smtp://user:password@mail.example", "a@b", ("c@d",)),
        ("smtp://mail.example", "nobody", ("c@d",)),
        ("smtp://mail.example", "a@b", ("c@d, e@f",)),
        ("smtp://mail.example", "a@b", ("c@d\r\nBcc: e@f",)),
        ("smtp://mail.example", "a@b", ()),
    ],
)
def test_mail_that_cannot_be_sent_or_not_safely_is_refused(server: str, sender: str, to: tuple[str, ...]) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        Mail(server, sender, to)
    assert "password@" not in str(refused.value).replace("user:password@host", "")


def test_the_journal_keeps_every_alert_on_a_line_of_its_own(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "alerts.jsonl")
    journal.send(ALERT)
    journal.send(ALERT)
    lines = journal.path.read_text().splitlines()
    assert [json.loads(line)["text"] for line in lines] == [ALERT.text] * 2
    assert stat.S_ISREG(journal.path.stat().st_mode)
