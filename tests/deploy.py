"""What is in deploy/, read by another program than those that will run it: schemas of Kubernetes, the rules of the
"restricted" pod standard, and that what is said in two places is the same in both.

    deploy.py BINARY          versions, addresses, settings, commands
    deploy.py --manifests     the manifests (needs kubernetes-validate, which brings PyYAML)
"""

import ipaddress
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
# The oldest Kubernetes that README.md names, and the newest whose schemas are at hand.
KUBERNETES = ["1.29", "1.37"]

faults = []


def hold(true, what):
    if not true:
        faults.append(what)


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def closed_by_guard():
    """The ranges that the guard shuts, out of its tables, as far as they are public addresses at all."""
    source = text("src/net/guard.rs")
    tables = re.findall(r"const CLOSED_V[46]: \[Range[46]; (\d+)\] = \[(.*?)\n\];", source, re.S)
    ranges = []
    for count, table in tables:
        rows = re.findall(r"^    \((.*), (\d+), \"[a-z0-9-]+\"\),$", table, re.M)
        hold(len(rows) == int(count), f"guard.rs: {len(rows)} of {count} closed ranges can be read")
        for address, prefix in rows:
            named = {
                "Ipv4Addr::UNSPECIFIED": "0.0.0.0",
                "Ipv4Addr::BROADCAST": "255.255.255.255",
                "Ipv6Addr::UNSPECIFIED": "::",
                "Ipv6Addr::LOCALHOST": "::1",
            }.get(address)
            if four := re.fullmatch(r"Ipv4Addr::new\((\d+), (\d+), (\d+), (\d+)\)", address):
                named = ".".join(four.groups())
            elif six := re.fullmatch(r"v6\(\[(.*)\]\)", address):
                parts = [int(part, 0) for part in six[1].split(",")]
                named = ":".join(f"{part:x}" for part in parts) + ":0:0"
            hold(named is not None, f"guard.rs: a closed range that cannot be read: {address}")
            ranges.append(ipaddress.ip_network(f"{named}/{prefix}"))
    hold(len(tables) == 2, "guard.rs: its two tables of closed ranges are not found")
    return ranges


def covered(one, several):
    return any(one.version == other.version and one.subnet_of(other) for other in several)


def versions():
    def said(path, key):
        return re.search(rf"^{key} = \"(.*)\"$", text(path), re.M)[1]

    version, rust = said("Cargo.toml", "version"), said("Cargo.toml", "rust-version")
    channel = said("rust-toolchain.toml", "channel")
    container = text("deploy/Containerfile")
    hold((channel + ".").startswith(rust + "."), "rust-toolchain.toml and Cargo.toml name two versions of Rust")
    named = re.findall(r"(?:library/rust:|RUSTUP_TOOLCHAIN=)([0-9.]+)", container)
    hold(named == [channel, channel], f"Containerfile: Rust {named}, rust-toolchain.toml says {channel}")
    told = re.findall(r"image\.version=\"(.*?)\"|--tag riscontro:([0-9.]+)", container)
    told = {one or other for one, other in told}
    told |= set(re.findall(r"image: riscontro:(\S+)", text("deploy/kubernetes/cronjob.yaml")))
    told |= set(re.findall(r"riscontro:(\d[0-9.]*\d)", text("deploy/README.md")))
    hold(told == {version}, f"deploy/: versions {sorted(told)}, Cargo.toml says {version}")
    for kept in re.findall(r"^!(.*)$", text(".containerignore"), re.M):
        hold((ROOT / kept).exists(), f".containerignore: {kept} is not there")


def second_wall():
    denied = [ipaddress.ip_network(one) for one in re.findall(r"^IPAddressDeny=(.*)$", text("deploy/systemd/second-wall.conf"), re.M)]
    allowed = re.findall(r"^IPAddressAllow=(.*)$", text("deploy/systemd/second-wall.conf"), re.M)[0].split()
    denied += [ipaddress.ip_network(one) for one in allowed]
    for one in closed_by_guard():
        hold(covered(one, denied), f"second-wall.conf leaves {one} open, which the guard shuts")
    for public in ["93.184.215.14", "2a00:1450:4001::1", "2001:4860::1"]:
        hold(not covered(ipaddress.ip_network(public), denied), f"second-wall.conf shuts {public}")


def settings(binary):
    """The sample as it is, and with every line that is a setting behind a # made one."""
    sample = text("deploy/riscontro.toml")
    everything = re.sub(r"^#([a-z_]+ = )", r"\1", sample, flags=re.M)
    hold(everything != sample, "riscontro.toml: no setting behind a #")
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "opt-out.txt").touch()
        for name, content in [("sample", sample), ("everything", everything)]:
            file = pathlib.Path(folder, f"{name}.toml")
            file.write_text(content, encoding="utf-8")
            command = [binary, "--lang", "en", "--config", str(file), "config", "check"]
            done = subprocess.run(command, capture_output=True, text=True, env={"HOME": folder}, check=False)
            hold(done.returncode == 0, f"riscontro.toml ({name}): {done.stderr.strip()}")


def commands(binary):
    """What service, image and job start has to be a command with these arguments: asked by --help, which does nothing."""
    lines = re.findall(r"^ExecStart=/usr/local/bin/riscontro (.*)$", text("deploy/systemd/riscontro.service"), re.M)
    started = [line.split() for line in lines]
    started += [json.loads(line) for line in re.findall(r"^CMD (.*)$", text("deploy/Containerfile"), re.M)]
    started += [json.loads(line) for line in re.findall(r"args: (\[.*\])$", text("deploy/kubernetes/cronjob.yaml"), re.M)]
    hold(len(started) == 4, f"{len(started)} commands are found in deploy/ in place of 4")
    for arguments in started:
        done = subprocess.run([binary, *arguments, "--help"], capture_output=True, text=True, env={}, check=False)
        hold(done.returncode == 0, f"riscontro {' '.join(arguments)}: {done.stderr.strip().splitlines()[:1]}")


def manifests():
    import kubernetes_validate
    import yaml

    folder = DEPLOY / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text(encoding="utf-8"))["resources"]
    there = sorted(path.name for path in folder.glob("*.yaml") if path.name != "kustomization.yaml")
    hold(sorted(listed) == there, f"kustomization.yaml lists {sorted(listed)}, there are {there}")
    found = {}
    for name in there:
        for document in yaml.safe_load_all((folder / name).read_text(encoding="utf-8")):
            for version in KUBERNETES:
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    hold(False, f"{name}, Kubernetes {version}: {error}")
            hold(document["kind"] not in found, f"{name}: a second {document['kind']}")
            found[document["kind"]] = document
    restricted(found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"])
    policy(found)
    # The namespace asks the cluster for the same.
    labels = found["Namespace"]["metadata"]["labels"]
    hold(labels.get("pod-security.kubernetes.io/enforce") == "restricted", "namespace.yaml: restricted is not enforced")
    known = re.findall(r"^\| `[a-z_]+` \| `(RISCONTRO_[A-Z_]+)`", text("docs/operations.md"), re.M)
    hold(len(known) > 30, "docs/operations.md: the table of settings is not found")
    for name in re.findall(r"(RISCONTRO_[A-Z_]+):", (folder / "settings.yaml").read_text(encoding="utf-8")):
        hold(name in known, f"settings.yaml: {name} is no setting")


def restricted(template):
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/, restricted, and what we ask beyond it."""
    spec = template["spec"]
    pod = spec["securityContext"]
    hold(not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), "the pod sees the host")
    hold(pod.get("runAsNonRoot") is True and pod.get("runAsUser", 0) > 0, "the pod may run as root")
    hold(pod.get("seccompProfile", {}).get("type") in ("RuntimeDefault", "Localhost"), "the pod has no seccomp profile")
    hold(spec.get("automountServiceAccountToken") is False, "the pod holds a token of the cluster")
    hold(not pod.get("sysctls"), "the pod sets sysctls")
    allowed = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
    for volume in spec["volumes"]:
        hold(set(volume) - {"name"} <= allowed, f"volume {volume['name']}: {sorted(volume)}")
    containers = spec["containers"] + spec.get("initContainers", [])
    hold(len(containers) > 0, "no container")
    for container in containers:
        own = container.get("securityContext", {})
        hold(own.get("allowPrivilegeEscalation") is False, f"{container['name']}: allowPrivilegeEscalation")
        hold(own.get("capabilities", {}) == {"drop": ["ALL"]}, f"{container['name']}: capabilities")
        hold(own.get("readOnlyRootFilesystem") is True, f"{container['name']}: its root can be written to")
        hold(not own.get("privileged") and own.get("procMount", "Default") == "Default", f"{container['name']}: privileged")
        hold(own.get("runAsNonRoot", True) is True and own.get("runAsUser", 1) != 0, f"{container['name']}: root")
        hold(not any("hostPort" in port for port in container.get("ports", [])), f"{container['name']}: hostPort")
        for kind in ("requests", "limits"):
            wanted = {"cpu", "memory", "ephemeral-storage"}
            hold(set(container.get("resources", {}).get(kind, {})) == wanted, f"{container['name']}: {kind}")


def policy(found):
    """The policy selects the pod, lets nobody in, and leaves no address open that the guard shuts."""
    spec = found["NetworkPolicy"]["spec"]
    labels = found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    hold(spec["podSelector"]["matchLabels"].items() <= labels.items(), "network.yaml does not select the pod")
    hold(spec["policyTypes"] == ["Ingress", "Egress"] and spec["ingress"] == [], "network.yaml lets somebody in")
    blocks = [peer["ipBlock"] for rule in spec["egress"] for peer in rule["to"] if "ipBlock" in peer]
    hold(len(blocks) == 2, "network.yaml: not one block of addresses for each version of IP")
    for block in blocks:
        whole = ipaddress.ip_network(block["cidr"])
        shut = [ipaddress.ip_network(one) for one in block["except"]]
        for one in shut:
            hold(covered(one, [whole]), f"network.yaml: {one} is not in {whole}")
        for one in closed_by_guard():
            if covered(one, [whole]):
                hold(covered(one, shut), f"network.yaml leaves {one} open, which the guard shuts")
    ports = re.search(r"pub const PORTS: \[u16; \d\] = \[(.*?)\]", text("src/net/guard.rs"))[1]
    mail = {465, 587}
    web = [{one["port"] for one in rule["ports"]} for rule in spec["egress"] if any("ipBlock" in peer for peer in rule["to"])]
    hold(web == [{int(port) for port in ports.split(",")} | mail], f"network.yaml: ports {web}, the guard lets {ports}")


def main():
    arguments = sys.argv[1:]
    if arguments == ["--manifests"]:
        manifests()
    else:
        versions()
        second_wall()
        settings(arguments[0])
        commands(arguments[0])
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


main()
