"""URLs that lead, or might be read to lead, to where no picture may be fetched from."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from urllib.parse import quote

PUBLIC, SIX = "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"

V4 = {
    "127.0.0.1": "this machine",
    "10.0.0.1": "private",
    "192.168.1.1": "private",
    "169.254.169.254": "metadata of AWS, Azure, Google, Oracle and others",
    "100.100.100.200": "metadata of Alibaba",
    "168.63.129.16": "Azure's wire server",
    "192.0.0.192": "metadata of Oracle, once",
    "169.254.170.2": "credentials of AWS containers",
    "127.255.255.254": "this machine",
    "0.0.0.0": "unspecified, which is this machine",
    "0.1.2.3": "this network",
    "10.255.255.255": "private",
    "172.16.0.1": "private",
    "172.31.255.254": "private",
    "100.64.0.1": "behind a carrier's NAT",
    "100.127.255.254": "behind a carrier's NAT",
    "192.0.0.8": "protocol assignments",
    "192.0.2.1": "documentation",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "192.88.99.1": "6to4 relays",
    "198.18.0.1": "benchmarks",
    "198.19.255.254": "benchmarks",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
}
SPELLED = list(V4)[:6]
"""Those of which every spelling is tried."""

V6 = [
    *("::", "::1", "0:0:0:0:0:0:0:1", "0000:0000:0000:0000:0000:0000:0000:0001", "::0001", "::2"),
    *(
        "fe80::1",
        "fe80::a9fe:a9fe",
        "fe80::1%25lo",
        "fe80::1%25eth0",
        "fe80::1%251",
        "fe80::1%lo",
        "febf::1",
        "fec0::1",
    ),
    *("fc00::1", "fd00::1", "fdff:ffff::1", "fd00:ec2::254", "fd00:ec2::253", "fd20:ce::254", "fd00:c1::a9fe:a9fe"),
    *("fd00:42::42", "fd00:a9fe:a9fe::1", "ff00::1", "ff02::1", "ff05::1:3", "ff0e::1", "2001:db8::1", "3fff::1"),
    *("100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff::1", "5f00::1", "4000::1", "e000::1"),
]

NAMES = {
    "localhost": "127.0.0.1",
    "localhost.localdomain": "127.0.0.1",
    "ip6-localhost": "::1",
    "localtest.me": "127.0.0.1",
    "metadata.google.internal": "169.254.169.254",
    "instance-data.ec2.internal": "169.254.169.254",
    "metadata.azure.internal": "169.254.169.254",
    "metadata.tencentyun.com": "169.254.0.23",
    "kubernetes.default.svc": "10.96.0.1",
    "host.docker.internal": "172.17.0.1",
    "printer": "192.168.1.9",
    "six.attacker.example": "fd00:ec2::254",
    "mapped.attacker.example": "::ffff:169.254.169.254",
    "translated.attacker.example": "64:ff9b::a9fe:a9fe",
    "under_score.attacker.example": "10.0.0.1",
    "xn--bcher-kva.attacker.example": "10.0.0.1",
}
"""Resolved by somebody who means ill, or by the owner's own network."""

MIXED = {
    "first.attacker.example": [PUBLIC, "10.0.0.1"],
    "last.attacker.example": ["10.0.0.1", PUBLIC],
    "many.attacker.example": [*[PUBLIC] * 30, "169.254.169.254"],
    "families.attacker.example": [PUBLIC, "::1"],
}


def forms() -> list[str]:
    hosts = [*V4, *(f"[{address}]" for address in V6), *NAMES, *MIXED]
    mapped = [f"[::ffff:{address}]" for address in V4 if address not in SPELLED]
    spelled = [url for address in SPELLED for url in (*_plain(spellings(address)), *urls(address))]
    return list(dict.fromkeys([*_plain([*hosts, *mapped]), *spelled, *MISFORMED, *PORTS]))


def _plain(hosts: Iterator[str] | list[str]) -> Iterator[str]:
    yield from (f"http://{host}/" for host in hosts)


def spellings(address: str) -> Iterator[str]:
    """Of one host, as somebody reads them somewhere."""
    number, parts = int(IPv4Address(address)), [int(part) for part in address.split(".")]
    a, b, c, d = parts
    yield from (f"{address}.", str(number), hex(number), hex(number).upper(), f"0{number:o}", f"{number:012d}")
    yield from (".".join(hex(part) for part in parts), ".".join(f"0{part:o}" for part in parts))
    yield from (".".join(f"{part:#06x}" for part in parts), ".".join(f"{part:05o}" for part in parts))
    yield from (
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{b:#o}.{number & 0xFFFF}".replace("0o", "0"),
    )
    yield from (f"{a:#x}.{b}.{c}.{d}", f"{a}.{b}.{c}.0{d:o}", f"{a + 256}.{b}.{c}.{d}", str(number + 2**32))
    yield from _in_other_letters(address)
    yield from _in_six(number, address)
    yield from (f"{address}.nip.io", f"{address.replace('.', '-')}.sslip.io", f"a.{number:08x}.nip.io")
    yield from (f"{address}\x00.example.com", f"{address}%00.example.com", f"{address}%20.example.com")
    yield from (f"{address} .example.com", f"{address}\\.example.com", f"{address};.example.com", f"{address}%2f")


def _in_other_letters(address: str) -> Iterator[str]:
    yield address.translate({ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)})  # fullwidth
    yield address.translate({ord("0") + digit: chr(0x1D7CE + digit) for digit in range(10)})  # mathematical bold
    yield address.translate({ord("0"): "⓪", **{ord("0") + digit: chr(0x2460 + digit - 1) for digit in range(1, 10)}})
    yield from (address.replace(".", dot) for dot in ("。", "．", "｡", "․"))
    yield from (f"{address[0]}{unseen}{address[1:]}" for unseen in ("\u00ad", "\u200b", "\u2060", "\ufeff"))
    yield "".join(f"%{ord(letter):02x}" for letter in address)
    yield from (address.replace(".", "%2e"), quote(address.replace(".", "。")))


def _in_six(number: int, address: str) -> Iterator[str]:
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    yield from (
        f"[::ffff:{address}]",
        f"[::ffff:{high}:{low}]",
        f"[0:0:0:0:0:FFFF:{high}:{low}]",
        f"[::ffff:{address}%251]",
    )
    yield from (f"[::{address}]", f"[::ffff:0:{high}:{low}]", f"[64:ff9b::{address}]", f"[64:ff9b:1::{high}:{low}]")
    yield from (
        f"[2002:{high}:{low}::1]",
        f"[2001:0:{high}:{low}::1]",
        f"[2001::{~number >> 16 & 0xFFFF:x}:{~number & 0xFFFF:x}]",
    )
    yield from (f"[2606:4700::{universal}5efe:{high}:{low}]" for universal in ("", "100:", "200:", "300:"))
    yield from (f"[fe80::5efe:{address}]", f"[::ffff:{address}", f"::ffff:{address}", f"[{address}]")


def urls(address: str) -> Iterator[str]:
    """Around one host: schemes, ports, credentials, and what parsers disagree about."""
    yield from (f"https://{address}/", f"HTTP://{address}", f"http://{address}:80/", f"https://{address}:443/")
    yield from (f"http://{address}:{port}/" for port in (0, 22, 25, 443, 6379, 8080, 65535, 65536))
    yield from (
        f"http://{who}@{address}/"
        for who in ("user:word", ":word", "", ":", "%40", PUBLIC, f"{PUBLIC}:80", f"{PUBLIC}\\")
    )
    yield from (f"http://{address}\\@{PUBLIC}/", f"http://{address}@{PUBLIC}/", f"http://:{address}@{PUBLIC}/")
    yield from (
        f"http://{address[:2]}\t{address[2:]}/",
        f"ht\ntp://{address}/",
        f"http://{address[:3]}\r\n{address[3:]}/",
    )
    yield from (f" http://{address}/", f"\x00http://{address}/", f"http://{address}?a=1", f"http://{address}#{PUBLIC}")
    yield from (f"//{address}/", f"///{address}/", f"http:{address}", f"http:/{address}/", f"http:///{address}/")
    yield from (f"http:\\\\{address}\\", f"\\\\{address}\\", f"http://{address}\\", f"https:{address}", f"{address}:80")
    yield from (f"ftp://{address}/", f"gopher://{address}/_x", f"url:http://{address}/", f"jar:http://{address}!/")


MISFORMED = [
    *(
        "",
        "/",
        "http",
        "http:",
        "http:/",
        "http://",
        "http://:80/",
        "http://[/",
        "http://]/",
        "http://[]/",
        "http://[::/",
    ),
    *("http://.", "http://..", "http://a..b/", "http://%/", "http://%00/", "http://\x00/", "http://*/", "http://-/"),
    *("http://[v1.localhost]/", "http://[localhost]/", "http://localhost[::1]/", "http://[::1]localhost/"),
    *("file:///etc/passwd", "file://localhost/etc/passwd", "data:image/png;base64,AAAA", "ftp://example.com/a.jpg"),
    *("gopher://127.0.0.1:6379/_INFO", "dict://127.0.0.1:11211/", "ldap://127.0.0.1/", "tftp://127.0.0.1/", "blob:x"),
    *("unix:/var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "netdoc:///etc/passwd", "javascript:1"),
    *(f"http://{'a' * 64}.example/", f"http://{'a.' * 200}example/", f"http://{'1' * 4000}/", "http://\ud800/"),
    *(
        f"http://{PUBLIC}{odd}.example.com/"
        for odd in ("\x00", "%00", " ", "%20", "\\", ";", "%2f", "%", "\x7f", "*", "!", "(")
    ),
    *(f"http://{int(IPv4Address(PUBLIC))}/", "http://0x5d.0xb8.0xd8.34/", "http://93.12114978/", f"http://0{PUBLIC}/"),
    *(f"http://[{SIX}%25lo]/", f"http://[{SIX}%251]/", f"http://:word@{PUBLIC}/", f"http://@{PUBLIC}/"),
    *("http://localhost\uff0e/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "http://LOCALHOST/", "http://localhost./", "http://ｌocalhost/"),
]

PORTS = [
    f"http://{PUBLIC}:{port}/" for port in (0, 1, 22, 25, 443, 3306, 6379, 8080, 9200, 65535, 65536, -1, "x", "８０")
]
PORTS += [f"https://{PUBLIC}:{port}/" for port in (22, 80, 8443)]
