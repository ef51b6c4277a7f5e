# ruff: noqa: S101, D102 - asserting is its job, and a test's name is its sentence
"""The suite every plug-in passes, a third party's too.

Subclass it in a pytest module and fill in what is yours:

    class TestOppo(VendorContract):
        vendor: ClassVar[Vendor[OppoCredential]] = oppo
        credential: ClassVar = {"app_key": "a-key", "master_secret": "a-secret"}
        registration_id = "CN_0123456789abcdef0123456789abcdef"
        …

A vendor without a network gives the first three and passes what asks for no request.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

from msgspec import structs

from vendors.contract import (
    OPEN_APP,
    AccessToken,
    Badge,
    BadgeKind,
    Batching,
    Category,
    ClickAction,
    ClickKind,
    HttpRequest,
    HttpResponse,
    InvalidCredential,
    NoResponse,
    Notification,
    Push,
)
from vendors.driving import NOW, Exchanged, VendorDriver
from vendors.hostile_answers import HOSTILE, JUNK, spoilt
from vendors.outcomes import Accepted, MessageRejected, Outcome, RegistrationInvalid, Unavailable
from vendors.receipts import Callback, InvalidCallback

PARTS = (
    *("NAME", "LABEL", "CAPABILITIES", "CREDENTIAL_FIELDS", "OPTIONS"),
    *("parse_credential", "check_registration_id", "check_options", "auth_request", "parse_auth", "exchange"),
    "parse_receipts",
    "recall",
)
OPTION_TYPES = frozenset({"string", "integer", "boolean", "object", "array"})
CLICKS = (
    OPEN_APP,
    ClickAction(ClickKind.URL, "https://example.com/chat?id=1"),
    ClickAction(ClickKind.ACTIVITY, "com.example.app.ChatActivity"),
    ClickAction(ClickKind.INTENT_ACTION, "com.example.app.OPEN"),
    ClickAction(ClickKind.INTENT_URI, "exampleapp://chat?id=1"),
)
ODD_TEXTS = ("", " ", "\0", "\ud83d", "\u202e", "]}", "%&=+", "a" * 100_000)
# What the pushes of the examples in `callbacks` had asked to be told.
RECEIPT_PARAMETER = "1a2b.0123456789abcdef0123"
NEVER_PRINTED = "a value that is\nnever printed"


class VendorContract(VendorDriver):
    """Asserts that a plug-in keeps the promises of `vendors/contract.py`; `VendorDriver` says what to fill in."""

    # What it promises about itself.

    def test_the_module_is_complete(self) -> None:
        missing = [part for part in PARTS if not hasattr(self.vendor, part)]

        assert not missing, f"the plug-in lacks {', '.join(missing)}"

    def test_its_words_fit_the_contract(self) -> None:
        fields = [field.name for field in self.vendor.CREDENTIAL_FIELDS]
        options = {option.name: option.type for option in self.vendor.OPTIONS}

        assert re.fullmatch(r"[a-z][a-z0-9_]*", self.vendor.NAME), "NAME is lower case, as certs write it"
        assert self.vendor.LABEL.strip(), "LABEL is for people"
        assert len(set(fields)) == len(fields), f"a credential field stands twice: {fields}"
        assert len(options) == len(self.vendor.OPTIONS), "an option stands twice"
        assert OPTION_TYPES.issuperset(options.values()), f"an option's type is none of {sorted(OPTION_TYPES)}"
        helps = {field.name: field.help for field in self.vendor.CREDENTIAL_FIELDS}
        helps |= {option.name: option.help for option in self.vendor.OPTIONS}
        for name, words in helps.items():
            assert words.strip(), f"{name} has no help"

    def test_its_capabilities_make_sense(self) -> None:
        can = self.vendor.CAPABILITIES

        assert can.max_targets >= 1, "max_targets is at least 1"
        assert (can.batching is Batching.SINGLE) == (can.max_targets == 1), "single is one target, and one is single"
        assert min(can.title_limit, can.body_limit, can.ext_limit) > 0, "every limit is positive"
        assert can.max_ttl >= timedelta(seconds=max(1, self.min_ttl_s)), "max_ttl is at least min_ttl_s"
        assert ClickKind.OPEN_APP in can.click_actions, "the default tap opens the app"
        assert Category.IM in can.categories, "the default category is IM"
        assert can.channels or not can.channel_required, "only a vendor with channels can require one"

    # Credentials and registration ids.

    def test_a_credential_hides_its_secrets_when_printed(self) -> None:
        printed = repr(self.vendor.parse_credential(self.credential))

        for name, value in self._secrets().items():
            assert value not in printed, f"{name} shows in the credential's repr"

    def test_a_missing_field_is_named(self) -> None:
        for field in self.vendor.CREDENTIAL_FIELDS:
            if field.required:
                rest = {name: value for name, value in self.credential.items() if name != field.name}
                self._assert_refused(rest, field.name)

    def test_an_unknown_field_is_named(self) -> None:
        self._assert_refused({**self.credential, "no_such_field": NEVER_PRINTED}, "no_such_field")

    def test_an_ill_formed_field_is_named(self) -> None:
        for field in self.vendor.CREDENTIAL_FIELDS:
            if field.pattern and not re.fullmatch(field.pattern, NEVER_PRINTED):
                self._assert_refused({**self.credential, field.name: NEVER_PRINTED}, field.name)

    def _assert_refused(self, raw: Mapping[str, str], name: str) -> None:
        refusal = self._refusal(raw)
        assert refusal is not None, f"a credential with a fault in {name} was taken"
        named = [violation.field for violation in refusal.violations]
        assert named == [name], f"{name} is at fault, and the violations name {named}"
        for value in (NEVER_PRINTED, *self._secrets().values()):
            assert value not in str(refusal), f"the words about {name} show a value"

    def _refusal(self, raw: Mapping[str, str]) -> InvalidCredential | None:
        try:
            self.vendor.parse_credential(raw)
        except InvalidCredential as refusal:
            return refusal
        return None

    def test_a_registration_id_is_checked(self) -> None:
        credential = self.parsed_credential()

        assert self.vendor.check_registration_id(credential, self.registration_id) == ""
        for blank in ("", " ", f" {self.registration_id}", f"{self.registration_id}\n"):
            assert self.vendor.check_registration_id(credential, blank), f"{blank!r} was taken"

    # Signing in.

    def test_the_sign_in_depends_on_its_arguments_alone(self) -> None:
        credential = self.parsed_credential()

        first, second = (self.vendor.auth_request(credential, now=NOW) for _ in range(2))

        assert first == second, "auth_request is pure"

    def test_the_sign_in_keeps_the_secret_to_itself(self) -> None:
        request = self.vendor.auth_request(self.parsed_credential(), now=NOW)

        if request is not None and not self.sign_in_carries_secret:
            self._assert_carries_no_secret(request)

    def test_the_sign_in_gives_an_access_token_that_is_never_printed(self) -> None:
        if self._access_token() is None:
            return

        token = self.vendor.parse_auth(self.signed_in("made-up-token"), now=NOW)

        assert isinstance(token, AccessToken), f"the recorded sign-in gave {token}"
        assert token.value == "made-up-token"
        assert "made-up-token" not in repr(token)
        assert NOW < token.refresh_at <= token.expires_at, "a token lives for a while and is refreshed ahead of expiry"

    def test_no_answer_to_the_sign_in_makes_it_raise(self) -> None:
        recorded = [] if self._access_token() is None else list(spoilt(self.signed_in("made-up-token")))

        for response in (*HOSTILE, *recorded):
            answer = self.vendor.parse_auth(response, now=NOW)
            assert isinstance(answer, AccessToken | Outcome), f"{_brief(response)} gave {answer!r}"
            assert response in recorded or isinstance(answer, Outcome), f"{_brief(response)} gave an access token"

    # Handing over.

    def test_a_taken_batch_is_accepted_push_by_push(self) -> None:
        pushes = [self.push(number) for number in range(self.vendor.CAPABILITIES.max_targets)]

        outcomes = self.run(pushes).outcomes

        assert len(outcomes) == len(pushes), f"{len(outcomes)} outcomes for {len(pushes)} pushes"
        assert all(isinstance(outcome, Accepted) for outcome in outcomes), f"not all were accepted: {outcomes[:3]}"

    def test_an_exchange_depends_on_its_arguments_alone_and_leaves_them_alone(self) -> None:
        pushes = self._batches()[1]
        before = copy.deepcopy(pushes)

        first, second = self.run(pushes), self.run(pushes)

        assert self._fixed(first) == self._fixed(second), "exchange is pure"
        assert pushes == before, "exchange changed a push"

    def _fixed(self, done: Exchanged) -> Exchanged:
        return replace(done, requests=[self.fixed_part(request) for request in done.requests])

    def test_no_answer_makes_an_exchange_raise_or_lose_a_push(self) -> None:
        for pushes in self._batches() if self.has_network() else ():
            for response in HOSTILE:
                for outcome in self._one_each(pushes, response):
                    is_safe = not isinstance(outcome, Accepted | RegistrationInvalid)
                    assert is_safe, f"{_brief(response)} counted as {type(outcome).__name__}"

    def test_no_broken_answer_makes_an_exchange_raise_or_lose_a_push(self) -> None:
        for pushes in self._batches() if self.has_network() else ():
            first = self.run(pushes).requests[0]
            for response in spoilt(self.accepted(first, pushes)):
                self._one_each(pushes, response)

    def test_no_answer_at_all_leaves_every_push_with_what_happened(self) -> None:
        for pushes in self._batches() if self.has_network() else ():
            outcomes = self.run(pushes, _no_response).outcomes

            assert len(outcomes) == len(pushes), f"{len(outcomes)} outcomes for {len(pushes)} pushes"
            assert all(isinstance(outcome, Unavailable) for outcome in outcomes), f"a timeout counted as {outcomes}"

    def _one_each(self, pushes: Sequence[Push], response: HttpResponse) -> Sequence[Outcome]:
        outcomes = self.run(pushes, lambda _: response).outcomes
        assert len(outcomes) == len(pushes), f"{_brief(response)}: {len(outcomes)} outcomes for {len(pushes)} pushes"
        assert all(isinstance(outcome, Outcome) for outcome in outcomes), f"{_brief(response)} gave {outcomes!r}"
        return outcomes

    def test_every_documented_code_means_what_is_declared(self) -> None:
        for code, expected in self.codes.items():
            response = self.answer(code)
            [outcome] = self._one_each([self.push()], response)

            assert type(outcome) is expected, f"code {code} is {type(outcome).__name__}, not {expected.__name__}"
            assert outcome.vendor_code == code, f"code {code} is kept as {outcome.vendor_code!r}"
            assert isinstance(outcome, Accepted) or outcome.advice, f"code {code} comes without advice"

    def test_an_undocumented_code_is_a_refusal_of_the_message(self) -> None:
        if not self.has_network():
            return

        [outcome] = self._one_each([self.push()], self.answer(self.undocumented_code))

        assert type(outcome) is MessageRejected, f"an undocumented code counted as {type(outcome).__name__}"
        assert outcome.vendor_code == self.undocumented_code

    def test_no_request_carries_a_secret(self) -> None:
        for pushes in () if self.requests_carry_secret else self._batches():
            for request in self.run(pushes).requests:
                self._assert_carries_no_secret(request)

    def _assert_carries_no_secret(self, request: HttpRequest) -> None:
        sent = "\n".join([request.url, request.body.decode("latin-1"), *request.headers.values()])
        for name, value in self._secrets().items():
            assert value not in sent, f"{name} leaves in a request"
            assert quote_plus(value) not in sent, f"{name} leaves in a request"

    # What is in a request.

    def test_the_ttl_stays_within_what_the_vendor_and_the_sender_allow(self) -> None:
        longest = int(self.vendor.CAPABILITIES.max_ttl.total_seconds())
        for left_s in (0.2, 1, self.min_ttl_s, 3600, longest, longest + 1, 10 * longest) if self.has_network() else ():
            push = self.push(expires_at=NOW + timedelta(seconds=left_s))
            for ttl_s in self.ttl_seconds(self.run([push]).requests[-1]):
                highest = max(self.min_ttl_s, min(int(left_s), longest))
                in_range = max(1, self.min_ttl_s) <= ttl_s <= highest
                assert in_range, f"{left_s} s before expiry the vendor is asked to keep it {ttl_s} s"

    def test_a_title_at_the_limit_stays_whole_and_a_longer_one_is_shortened_and_noted(self) -> None:
        limit = self.vendor.CAPABILITIES.title_limit

        self._assert_whole("title", self.push(title="题" * limit), self.title_of, "题" * limit)
        self._assert_shortened("title", self.push(title="题" * limit + "!"), self.title_of, limit)

    def test_a_body_at_the_limit_stays_whole_and_a_longer_one_is_shortened_and_noted(self) -> None:
        limit = self.vendor.CAPABILITIES.body_limit

        self._assert_whole("body", self.push(body="文" * limit), self.body_of, "文" * limit)
        self._assert_shortened("body", self.push(body="文" * limit + "!"), self.body_of, limit)

    def _assert_whole(self, name: str, push: Push, read: Callable[[HttpRequest], str], text: str) -> None:
        done = self.run([push])
        assert _accepted(done).truncated == (), f"a {name} at the limit counts as shortened"
        for request in done.requests[-1:]:
            assert read(request) == text, f"a {name} at the limit was changed"

    def _assert_shortened(self, name: str, push: Push, read: Callable[[HttpRequest], str], limit: int) -> None:
        done = self.run([push])
        assert _accepted(done).truncated == (name,), f"a {name} over the limit is not noted as shortened"
        for request in done.requests[-1:]:
            original = getattr(push.notification, name)
            assert len(read(request)) <= limit, f"a {name} over the limit leaves with {len(read(request))} characters"
            assert read(request)[: limit - 1] == original[: limit - 1], f"a shortened {name} keeps its beginning"

    def test_no_text_makes_an_exchange_raise(self) -> None:
        for text in ODD_TEXTS:
            odd = Notification(title=text, body=text, ext=text, collapse_id=text)
            pushes = [
                self.push(notification=odd),
                self.push(notification=structs.replace(odd, ext="")),
                self.push(notification=Notification(title="Alice", body="Hello", collapse_id=text)),
                self.push(channel_id=text),
                *(self.push(click_action=ClickAction(kind, text)) for kind in ClickKind),
            ]
            for push in pushes:
                assert len(self.run([push]).outcomes) == 1, f"no outcome for {push}"

    def test_every_declared_click_action_can_be_sent(self) -> None:
        sent: list[bytes] = []
        for action in CLICKS:
            if action.kind in self.vendor.CAPABILITIES.click_actions:
                done = self.run([self.push(click_action=action)])
                assert isinstance(done.outcomes[0], Accepted), f"{action.kind} gave {done.outcomes[0]}"
                sent.extend(request.body for request in done.requests)

        assert len(set(sent)) == len(sent), "two click actions make the same request"

    def test_every_declared_badge_and_sound_changes_the_request(self) -> None:
        can = self.vendor.CAPABILITIES
        badges = [Badge(BadgeKind.COUNT, 0), Badge(BadgeKind.COUNT, 7), Badge(BadgeKind.INCREMENT)]
        asked: list[dict[str, Any]] = [{"badge": badge} for badge in badges if badge.kind in can.badges]
        asked += [{"sound": sound} for sound in ("chime.mp3", "bell.mp3") if can.sound]
        sent = [self._sent({})]
        for fields in asked:
            sent.append(self._sent(fields))
            assert sent[-1] not in sent[:-1] or not self.has_network(), f"{fields} makes no difference"

    def test_what_is_not_declared_makes_no_difference(self) -> None:
        can = self.vendor.CAPABILITIES
        asked: list[dict[str, Any]] = [{"badge": Badge(kind, 7)} for kind in BadgeKind if kind not in can.badges]
        asked += [] if can.sound else [{"sound": "chime.mp3"}]
        for fields in asked:
            assert self._sent(fields) == self._sent({}), f"{fields} makes a difference, but is not in the capabilities"

    def _sent(self, fields: Mapping[str, Any]) -> Sequence[bytes]:
        plain = self.push()
        done = self.run([structs.replace(plain, notification=structs.replace(plain.notification, **fields))])
        _accepted(done)
        return [request.body for request in done.requests]

    def test_every_declared_category_can_be_sent(self) -> None:
        for category in self.vendor.CAPABILITIES.categories:
            [outcome] = self.run([self.push(category=category)]).outcomes
            assert isinstance(outcome, Accepted), f"{category} gave {outcome}"

    # Options.

    def test_every_declared_option_is_taken(self) -> None:
        declared = {option.name for option in self.vendor.OPTIONS}

        assert set(self.options) == declared, "`options` has an example of each declared option and no other"
        assert not list(self.vendor.check_options(self.options)), "the examples are legal"
        [outcome] = self.run([self.push(options=self.options)]).outcomes
        assert isinstance(outcome, Accepted), f"the examples gave {outcome}"

    def test_an_unknown_option_is_named(self) -> None:
        violations = self.vendor.check_options({"no_such_option": 1})

        assert [violation.field for violation in violations] == ["no_such_option"]

    def test_no_value_of_an_option_makes_it_raise(self) -> None:
        for option in self.vendor.OPTIONS:
            for value in (*JUNK, float("inf"), float("nan")):
                self.vendor.check_options({option.name: value})
                [_] = self.run([self.push(options={option.name: value})]).outcomes

    # Receipts.

    def test_every_declared_receipt_is_read_from_its_example(self) -> None:
        credential = self.vendor.parse_credential(self.callback_credential or self.credential)
        kinds = set()
        for callback in self.callbacks:
            receipts = self.vendor.parse_receipts(callback, credential, now=NOW)
            assert receipts, "every example in callbacks reports something"
            assert {receipt.registration_id for receipt in receipts} == {self.registration_id}, "of the phone"
            assert {receipt.parameter for receipt in receipts} == {RECEIPT_PARAMETER}, "with the push's parameter"
            kinds |= {receipt.kind for receipt in receipts}

        assert kinds == self.vendor.CAPABILITIES.receipts, (
            "callbacks has an example of each declared kind, and no other"
        )

    def test_no_callback_makes_it_raise_anything_but_a_refusal(self) -> None:
        credential = self.vendor.parse_credential(self.callback_credential or self.credential)
        bodies = {response.body for response in HOSTILE}
        bodies |= {callback.body[:length] for callback in self.callbacks for length in range(len(callback.body))}
        bodies |= {b"data=" + body for body in bodies} | {b"cb=" + body for body in bodies}
        for content_type in ("", "application/json", "application/x-www-form-urlencoded"):
            for body in bodies:
                callback = Callback(headers={"content-type": content_type}, body=body)
                with suppress(InvalidCallback):
                    receipts = self.vendor.parse_receipts(callback, credential, now=NOW)
                    assert {receipt.kind for receipt in receipts} <= self.vendor.CAPABILITIES.receipts


def _accepted(done: Exchanged) -> Accepted:
    outcome = done.outcomes[0]
    assert isinstance(outcome, Accepted), f"it was not accepted: {outcome}"
    return outcome


def _no_response(_request: HttpRequest) -> HttpResponse:
    raise NoResponse(Unavailable(vendor_reason="timed out", ambiguous=True))


def _brief(response: HttpResponse) -> str:
    return f"HTTP {response.status} with {response.body[:60]!r}"
