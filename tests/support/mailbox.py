"""A mail server that is not ours, and a reader that is not ours: says what it was given, one JSON object a line.

Usage: mailbox.py CERTIFICATE KEY implicit|starttls. The first line is its port. Login: verifiche@ente.example / segreto.
"""

import asyncio
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = message.get_body(("plain",))
        html = message.get_body(("html",))
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": server.transport.get_extra_info("sslcontext") is not None,
            "login": session.authenticated,
            "bytes": len(envelope.content),
            "headers": [[name, str(value)] for name, value in message.items()],
            "from_header": [[a.display_name, a.addr_spec] for a in message["From"].addresses],
            "to_header": [[a.display_name, a.addr_spec] for a in message["To"].addresses],
            "subject": str(message["Subject"]),
            "text": body.get_content() if body else None,
            "html": html.get_content() if html else None,
            "attachments": [[part.get_filename(), part.get_content_type(), list(part.get_payload(decode=True))]
                            for part in message.iter_attachments()],
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
        }), flush=True)
        return "250 kept"


def login(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"verifiche@ente.example", b"segreto"))


certificate, key, way = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
starttls = way == "starttls"


def conversation():
    return SMTP(Mailbox(), authenticator=login, auth_required=True, auth_require_tls=starttls, hostname="localhost",
                tls_context=context if starttls else None, require_starttls=starttls, decode_data=False,
                data_size_limit=30_000_000)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=None if starttls else context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
