"""A real mail server: STARTTLS, a login, each mail a file. Arguments: folder, certificate, key, port (0: any)."""
import asyncio
import itertools
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, certificate, key, port = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
numbers = itertools.count()


class Keep:
    async def handle_DATA(self, server, session, envelope):
        name = folder / f"{next(numbers):04}.eml"
        part = name.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(name)
        return "250 2.0.0 kept"


def sign_in(server, session, envelope, mechanism, data):
    good = data.login == b"sol" and data.password == b"canary-5up3r"
    return AuthResult(success=good, handled=False)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def talk():
        return SMTP(Keep(), tls_context=context, require_starttls=True, authenticator=sign_in,
                    auth_required=True, enable_SMTPUTF8=True)

    server = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", port)
    (folder / "port").write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


asyncio.run(main())
