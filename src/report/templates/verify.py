"""Checks a case file of riscontro: needs Python 3 and nothing else, no network.

    python3 verify.py            in the folder of the case file (unpacked, when it came as a ZIP)

Every file must be the one that manifest.json names. Every record of the archive must have the digest ("link") that
manifest.json gives for it; each record of a visit names the link of the record before it; the content of each record must
have the digest that the record states. Whoever has the whole chain of the run can go on from there to its root.
"""

import hashlib
import json
import os
import sys
import zlib

here = os.path.dirname(os.path.abspath(__file__))
faults = []


def check(what, is_so):
    if not is_so:
        faults.append(what)


with open(os.path.join(here, "manifest.json"), "rb") as file:
    manifest = json.load(file)

named = {"manifest.json"}
for entry in manifest["files"]:
    named.add(entry["path"])
    path = os.path.join(here, *entry["path"].split("/"))
    if not os.path.isfile(path):
        faults.append("missing: " + entry["path"])
        continue
    with open(path, "rb") as file:
        content = file.read()
    check("another size: " + entry["path"], len(content) == entry["bytes"])
    check("other bytes: " + entry["path"], hashlib.sha256(content).hexdigest() == entry["sha256"])

for folder, _, files in os.walk(here):
    for name in files:
        path = os.path.relpath(os.path.join(folder, name), here).replace(os.sep, "/")
        check("not in the manifest: " + path, path in named)

count = 0
if manifest["archive"]:
    with open(os.path.join(here, *manifest["archive"].split("/")), "rb") as file:
        rest = file.read()
    offset = 0
    records = {}
    links = {}
    try:
        while rest:
            member = zlib.decompressobj(31)
            record = member.decompress(rest)
            length = len(rest) - len(member.unused_data)
            links[offset] = hashlib.sha256(rest[:length]).hexdigest()
            records[offset] = record
            rest = member.unused_data
            offset += length
    except zlib.error as error:
        faults.append("archive, byte %d: %s" % (offset, error))
    said = {entry["offset"]: entry for entry in manifest["records"]}
    check("the archive has other records than the manifest", sorted(said) == sorted(records))
    place = {entry["id"]: entry["offset"] for entry in manifest["records"]}
    for offset, record in records.items():
        entry = said.get(offset)
        head, _, block = record.partition(b"\r\n\r\n")
        block = block[:-4]
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        count += 1
        check("record at %d: another link" % offset, entry is not None and entry["link"] == links[offset])
        digest = "sha256:" + hashlib.sha256(block).hexdigest()
        check("record at %d: another content" % offset, fields.get("WARC-Block-Digest") == digest)
    for visit in manifest["visits"]:
        before = None
        for name in visit["records"]:
            offset = place.get(name)
            if offset not in records:
                faults.append("visit %d: record %s is missing" % (visit["visit"], name))
                continue
            head = records[offset].partition(b"\r\n\r\n")[0].decode()
            if before is not None:
                follows = "Riscontro-Previous: sha256:" + before + "\r\n" in head + "\r\n"
                check("visit %d: the record at %d does not follow the one before it" % (visit["visit"], offset), follows)
            before = links[offset]

for fault in faults:
    print(fault)
print("%d files, %d records, %d faults" % (len(manifest["files"]), count, len(faults)))
for visit in manifest["visits"]:
    print("visit %d: chain %d, root %s" % (visit["visit"], visit["chain"], visit["root"]))
sys.exit(1 if faults else 0)
