"""Certificates as people read them. Pure: answers in, lines and tables out."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType

from pushsvc.cli.output import facts, table
from pushsvc.cli.words import category_word, count, enum_word, moment, options_text, tap, vendor_said
from pushsvc.v1 import cert_pb2, push_service_pb2

VERDICTS = {
    push_service_pb2.VERDICT_ACCEPTED: "the vendor takes the credential",
    push_service_pb2.VERDICT_REJECTED: "the vendor REFUSES the credential",
    push_service_pb2.VERDICT_UNKNOWN: "no verdict: the vendor could not be asked",
    push_service_pb2.VERDICT_NOT_SUPPORTED: "this vendor has no sign-in to ask; the first push will tell",
}


def cert_view(cert: cert_pb2.Cert) -> Iterable[RenderableType]:
    """One certificate, its health in words, and its queue."""
    health = cert.health
    yield facts(
        [
            ("certificate", str(cert.cert_id)),
            ("app", cert.app_id),
            ("vendor", cert.vendor),
            ("name", cert.display_name),
            ("credential", ", ".join(f"{name}={value}" for name, value in sorted(cert.credential.items()))),
            ("secrets set", ", ".join(f"{secret.name} (fingerprint {secret.fingerprint})" for secret in cert.secrets)),
            ("hosts", cert.base_url or "the vendor's own"),
            ("default channel", cert.defaults.channel_id),
            ("default tap", tap(cert.defaults.click_action)),
            ("default category", category_word(cert.defaults.category)),
            ("default options", options_text(cert.defaults.vendor_options)),
            ("receipts to", cert.receipt_url),
            ("health", health_words(health)),
            ("vendor said", vendor_said(health.vendor_code, health.vendor_reason)),
            ("what to do", health.advice),
            ("next probe", moment(health.next_probe_time) or moment(cert.lane.next_probe_time)),
            ("limit", f"{cert.targets_per_second} phones a second" if cert.targets_per_second else ""),
            ("pace", pace_words(cert.lane)),
            ("stopped", "; ".join(stopped_words(each) for each in cert.lane.stopped_classes)),
            ("waiting", count(cert.pending_deliveries, "pending delivery", "pending deliveries")),
            ("created", moment(cert.create_time)),
            ("updated", moment(cert.update_time)),
        ]
    )


def health_words(health: cert_pb2.CertHealth) -> str:
    """How the vendor sees the credential, and since when."""
    match health.state:
        case cert_pb2.CERT_STATE_ACCEPTED:
            verdict = "taken by the vendor"
        case cert_pb2.CERT_STATE_REJECTED:
            verdict = "REFUSED by the vendor"
        case cert_pb2.CERT_STATE_UNTRIED:
            return "not tried yet"
        case other:
            return enum_word(cert_pb2.CertState.DESCRIPTOR, other)
    since = moment(health.since_time)
    return f"{verdict} since {since}" if since else verdict


def pace_words(lane: cert_pb2.LaneState) -> str:
    """How fast it goes since the vendor asked to slow down; empty while nobody did."""
    return f"slowed down to {lane.targets_per_second:g} phones a second" if lane.targets_per_second else ""


def stopped_words(stopped: cert_pb2.StoppedClass) -> str:
    """What class waits until when, and why."""
    channel = f" on channel {stopped.channel_id}" if stopped.channel_id else ""
    said = vendor_said(stopped.vendor_code, stopped.vendor_reason)
    return f"{category_word(stopped.category)}{channel} until {moment(stopped.until_time)} ({said})"


def certs_view(answer: push_service_pb2.ListCertsResponse) -> Iterable[RenderableType]:
    """Certificates, one a row."""
    if not answer.certs:
        yield "no certificates"
        return
    yield table(
        ("CERT", "VENDOR", "NAME", "HEALTH", "WAITING", "HOSTS"),
        (
            (
                str(cert.cert_id),
                cert.vendor,
                cert.display_name,
                health_words(cert.health),
                str(cert.pending_deliveries),
                cert.base_url or "the vendor's own",
            )
            for cert in answer.certs
        ),
    )


def verdict_view(answer: push_service_pb2.VerifyCertResponse) -> Iterable[RenderableType]:
    """What the vendor's sign-in answered."""
    yield facts(
        [
            ("verdict", VERDICTS.get(answer.verdict, f"unknown ({answer.verdict})")),
            ("vendor said", vendor_said(answer.vendor_code, answer.vendor_reason)),
            ("what to do", answer.advice),
        ]
    )


def deleted_view(answer: push_service_pb2.DeleteCertResponse) -> Iterable[RenderableType]:
    """What went with a certificate."""
    phones = count(answer.removed_registrations, "phone", "phones")
    deliveries = count(answer.cancelled_deliveries, "delivery", "deliveries")
    yield f"deleted; {phones} removed, {deliveries} cancelled"
