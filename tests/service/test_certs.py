from __future__ import annotations

import grpc
import pytest

from pushsvc.v1 import cert_pb2, delivery_pb2
from pushsvc.v1 import push_service_pb2 as pb
from tests.conftest import CREDENTIAL, PHONE_A, Service, ServiceStarter
from tests.service.refusals import refusal_of, violations_of

WRONG_SECRET = {"master_secret": "not-the-master-secret"}


async def edit(service: Service, cert_id: int, *, verify: bool = False, **fields: object) -> cert_pb2.Cert:
    cert = cert_pb2.Cert(app_id="im", cert_id=cert_id, **fields)  # type: ignore[arg-type]  # whatever a test edits
    return (await service.stub.UpsertCert(pb.UpsertCertRequest(cert=cert, verify=verify))).cert


async def test_no_secret_ever_comes_back(service: Service) -> None:
    cert_id = await service.host_oppo()

    cert = await service.cert(cert_id)

    assert dict(cert.credential) == {"app_key": "sandbox-app-key"}
    assert [secret.name for secret in cert.secrets] == ["master_secret"]
    assert len(cert.secrets[0].fingerprint) == 8
    assert "sandbox-master-secret" not in str(cert)


async def test_the_fingerprint_changes_with_the_secret_and_only_with_it(service: Service) -> None:
    cert_id = await service.host_oppo()
    before = (await service.cert(cert_id)).secrets[0].fingerprint

    same = (await edit(service, cert_id, display_name="Chat")).secrets[0].fingerprint
    other = (await edit(service, cert_id, credential=WRONG_SECRET)).secrets[0].fingerprint

    assert same == before
    assert other != before


async def test_a_wrong_secret_lets_messages_wait_and_the_right_one_releases_them(service: Service) -> None:
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await edit(service, cert_id, credential=WRONG_SECRET)

    waiting = [await service.send("alice", title=f"number {number}") for number in range(5)]

    assert {each.deliveries[0].state for each in waiting} == {delivery_pb2.DELIVERY_STATE_PENDING}
    assert waiting[0].deliveries[0].reason == delivery_pb2.REASON_CREDENTIAL_REJECTED
    cert = await service.cert(cert_id)
    assert cert.health.state == cert_pb2.CERT_STATE_REJECTED
    assert cert.health.vendor_code == "16"
    assert "MasterSecret" in cert.health.advice
    assert cert.pending_deliveries == 5

    await edit(service, cert_id, credential={"master_secret": CREDENTIAL["master_secret"]})
    await service.send("alice", title="number 5")

    shown = [each["title"] for each in await service.sandbox.bar(PHONE_A)]
    assert sorted(shown) == [f"number {number}" for number in range(6)]
    cert = await service.cert(cert_id)
    assert (cert.health.state, cert.pending_deliveries) == (cert_pb2.CERT_STATE_ACCEPTED, 0)
    assert dict(cert.credential) == {"app_key": "sandbox-app-key"}


async def test_a_refused_cert_does_not_hold_up_another(service: Service) -> None:
    bad = await service.host_oppo("im", credential=WRONG_SECRET)
    good = await service.host_oppo("im")
    await service.register("alice", bad, "CN_" + "a" * 32)
    await service.register("bob", good, PHONE_A)

    sent = await service.send("alice", "bob")

    assert [each.state for each in sent.deliveries] == [
        delivery_pb2.DELIVERY_STATE_PENDING,
        delivery_pb2.DELIVERY_STATE_SENT,
    ]


async def test_verify_refuses_to_save_what_the_vendor_refuses(service: Service) -> None:
    cert_id = await service.host_oppo()
    before = await service.cert(cert_id)

    error = await refusal_of(edit(service, cert_id, credential=WRONG_SECRET, verify=True))

    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert "16" in (error.details() or "")
    assert "not-the-master-secret" not in (error.details() or "")
    assert await service.cert(cert_id) == before


async def test_verify_on_creation_marks_the_cert_as_accepted(service: Service) -> None:
    cert = cert_pb2.Cert(app_id="im", vendor="oppo", credential=CREDENTIAL, base_url=f"{service.sandbox.url}/oppo")

    created = (await service.stub.UpsertCert(pb.UpsertCertRequest(cert=cert, verify=True))).cert

    assert created.health.state == cert_pb2.CERT_STATE_ACCEPTED


@pytest.mark.parametrize(
    ("secret", "verdict", "code"),
    [
        ("sandbox-master-secret", pb.VERDICT_ACCEPTED, ""),
        ("not-the-master-secret", pb.VERDICT_REJECTED, "16"),
    ],
)
async def test_verify_cert_says_what_the_vendor_answered(
    service: Service, secret: str, verdict: pb.Verdict.ValueType, code: str
) -> None:
    cert_id = await service.host_oppo(credential={"master_secret": secret})

    answer = await service.stub.VerifyCert(pb.VerifyCertRequest(app_id="im", cert_id=cert_id))

    assert (answer.verdict, answer.vendor_code) == (verdict, code)


async def test_all_faults_of_a_cert_are_named_at_once(service: Service) -> None:
    cert = cert_pb2.Cert(
        app_id="im", vendor="oppo", credential={"app_kye": "x"}, base_url="http://169.254.169.254/latest"
    )

    error = await refusal_of(service.stub.UpsertCert(pb.UpsertCertRequest(cert=cert)))

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert set(violations_of(error)) == {
        "cert.base_url",
        "cert.credential.app_key",
        "cert.credential.app_kye",
        "cert.credential.master_secret",
    }


async def test_a_base_url_that_only_begins_like_an_allowed_one_is_refused(service: Service) -> None:
    error = await refusal_of(service.host_oppo(base_url=service.sandbox.url + "0/oppo"))

    assert list(violations_of(error)) == ["cert.base_url"]


async def test_one_app_never_sees_anothers_cert(service: Service) -> None:
    cert_id = await service.host_oppo("im")

    error = await refusal_of(service.cert(cert_id, app_id="mail"))

    assert error.code() is grpc.StatusCode.NOT_FOUND
    listed = await service.stub.ListCerts(pb.ListCertsRequest(app_id="mail"))
    assert list(listed.certs) == []


async def test_a_cert_with_phones_is_deleted_only_by_force(service: Service) -> None:
    cert_id = await service.host_oppo(credential=WRONG_SECRET)
    await service.register("alice", cert_id, PHONE_A)
    sent = await service.send("alice")
    request = pb.DeleteCertRequest(app_id="im", cert_id=cert_id)

    error = await refusal_of(service.stub.DeleteCert(request))
    assert error.code() is grpc.StatusCode.FAILED_PRECONDITION

    request.force = True
    deleted = await service.stub.DeleteCert(request)

    assert (deleted.removed_registrations, deleted.cancelled_deliveries) == (1, 1)
    delivery = (await service.message(sent.message_id)).deliveries[0]
    assert (delivery.state, delivery.reason) == (
        delivery_pb2.DELIVERY_STATE_CANCELLED,
        delivery_pb2.REASON_CERT_DELETED,
    )
    assert list((await service.send("alice")).unreachable_user_ids) == ["alice"]


async def test_certs_their_health_and_their_access_token_outlive_a_restart(start_service: ServiceStarter) -> None:
    service = await start_service()
    cert_id = await service.host_oppo()
    await service.register("alice", cert_id, PHONE_A)
    await service.send("alice", title="before")

    service = await start_service()
    await service.send("alice", title="after")

    assert (await service.cert(cert_id)).health.state == cert_pb2.CERT_STATE_ACCEPTED
    assert [each["title"] for each in await service.sandbox.bar(PHONE_A)] == ["after", "before"]
    assert (await service.sandbox.counters())["logins"] == 1


async def test_a_vendor_nobody_has_a_plug_in_for_is_named(service: Service) -> None:
    error = await refusal_of(service.host_oppo(vendor="nokia"))

    assert "the vendors are" in violations_of(error)["cert.vendor"]


async def test_a_refusal_with_many_long_names_still_reaches_the_caller(service: Service) -> None:
    credential = {f"{'x' * 2000}-{number}": "value" for number in range(50)}

    error = await refusal_of(service.host_oppo(credential=credential))

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert len(violations_of(error)) <= 20
    assert len(error.details() or "") <= 1000
