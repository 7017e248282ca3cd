"""A server with a certificate of its own making, by an authority that is trusted here alone."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.certificate import Certificate


@pytest.fixture
async def server(tmp_path):
    """host:port of a server whose certificate is good for 20 days, and the file that says to trust it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=20, hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    async with await asyncio.start_server(lambda _r, writer: writer.close(), "127.0.0.1", 0, ssl=context) as found:
        yield f"localhost:{found.sockets[0].getsockname()[1]}", str(public)


async def test_a_certificate_is_well_until_it_ends_soon(server):
    address, authorities = server
    assert "20 days" in await Certificate(address=address, authorities=authorities).look()
    with pytest.raises(Unwell, match="20 days; renew it 30 days before"):
        await Certificate(address=address, authorities=authorities, days=30).look()


async def test_one_that_browsers_refuse_is_not(server):
    with pytest.raises(Unwell, match="certificate verify failed"):
        await Certificate(address=server[0]).look()


async def test_nobody_there_is_not(unused_tcp_port):
    with pytest.raises(Unwell, match="shaking hands"):
        await Certificate(address=f"localhost:{unused_tcp_port}").look()


async def test_an_installation_without_tls_has_none(settings):
    settings.ORIGINS = ["http://localhost:8000"]
    with pytest.raises(NotSetUpError, match="has no certificate"):
        await Certificate().look()
