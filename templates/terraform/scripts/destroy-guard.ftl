[#-- The guard of CI and of `make guard`. Python's standard library alone, since every runner and engine image can have it. --]
[@file "scripts/destroy-guard"]
#!/usr/bin/env python3
"""Blocks a Terraform plan that would delete or replace what holds data.

usage: destroy-guard PLAN_JSON [APPROVAL]

PLAN_JSON is what `terraform show -json tfplan` prints. APPROVAL (by default destroy-approval.yaml in the working directory, where there is one)
names what may go, each resource by its exact address:

    approvals:
      - address: module.rds.aws_db_instance.this
        reason: moved to Aurora, see the decision record 14
        expires: 2027-01-31

exit: 0 nothing protected goes, or all of it is approved · 1 blocked · 2 wrong usage · 3 no valid plan
"""

import datetime
import json
import os
import re
import sys

# The types that hold data, or that data cannot be reached without.
PROTECTED = frozenset("""
[#list protected as type]
    [=type]
[/#list]
""".split())


class Invalid(Exception):
    """What was read can't be judged."""


def read_plan(path):
    try:
        with open(path, encoding="utf-8") as file:
            plan = json.load(file)
    except OSError as problem:
        raise Invalid(f"{path} cannot be read: {problem.strerror}") from None
    except (ValueError, RecursionError):
        raise Invalid(f"{path} is not JSON; make it with: terraform show -json tfplan > {path}") from None
    # A state as JSON has neither, and says nothing of what would be destroyed.
    if not isinstance(plan, dict) or not {"planned_values", "resource_changes"} & plan.keys():
        raise Invalid(f"{path} is not a plan as JSON; make it with: terraform show -json tfplan > {path}")
    if plan.get("errored"):
        raise Invalid(f"{path} is of a plan that failed: what it would do is not known")
    changes = plan.get("resource_changes", [])
    if not isinstance(changes, list):
        raise Invalid(f"{path}: resource_changes is not a list")
    return changes


def endangered(changes):
    """The protected resources that the plan deletes or replaces, each with what would happen to it."""
    found = {}
    for number, change in enumerate(changes):
        try:
            address, kind, mode = change["address"], change["type"], change["mode"]
            actions = change["change"]["actions"]
            if not all(isinstance(text, str) for text in [address, kind, mode, *actions]):
                raise TypeError
        except (TypeError, KeyError):
            raise Invalid(f"resource_changes[{number}] is not a change of a resource") from None
        if mode == "managed" and kind in PROTECTED and "delete" in actions:
            found[address] = "replaced" if "create" in actions else "deleted"
    return found


# --- the approvals: YAML's plain subset (a list of flat maps), so that no package is needed; anything else is refused, not guessed at ---

KEYS = ("address", "reason", "expires")
WORD = re.compile(r"""\s*(?:(?P<double>"(?:[^"\\]|\\.)*")|(?P<single>'(?:[^']|'')*'))\s*(?P<rest>.*)$""", re.DOTALL)


def read_approvals(path):
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except OSError as problem:
        raise Invalid(f"{path} cannot be read: {problem.strerror}") from None
    except ValueError:
        raise Invalid(f"{path} is not UTF-8") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Lines(path, text).approvals()
    items = document.get("approvals") if isinstance(document, dict) else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Invalid(f"{path}: approvals is not a list of maps")
    return [{str(key): "" if value is None else str(value) for key, value in item.items()} for item in items]


class Lines:
    """Reads `approvals:` with its list, a line at a time."""

    def __init__(self, path, text):
        self.path = path
        self.lines = [(number, line.rstrip()) for number, line in enumerate(text.splitlines(), 1)
                      if line.strip() and not line.lstrip().startswith("#") and line.strip() not in ("---", "...")]

    def bad(self, number, why):
        raise Invalid(f"{self.path}:{number}: {why}")

    def approvals(self):
        if not self.lines:
            return []
        number, line = self.lines[0]
        begin = re.match(r"approvals\s*:(?P<value>.*)$", line)
        if not begin:
            self.bad(number, "the file begins with `approvals:`")
        value = self.plain(number, begin["value"])
        if value:
            whole = " ".join([value, *(self.plain(n, text) for n, text in self.lines[1:])])
            return self.flow_list(number, whole)
        items = []
        inner = None
        outer = None
        for number, line in self.lines[1:]:
            if "\t" in line[:len(line) - len(line.lstrip())]:
                self.bad(number, "indent with spaces")
            indent = len(line) - len(line.lstrip())
            item = re.match(r"(?P<dash>-\s+)(?P<rest>.*)$", line.lstrip())
            if item and (outer is None or indent == outer):
                outer = indent
                inner = indent + len(item["dash"])
                if item["rest"].startswith("{"):
                    items.append(self.flow_map(number, self.plain(number, item["rest"])))
                    inner = None
                    continue
                items.append({})
                line = " " * inner + item["rest"]
                indent = inner
            if inner is None or indent != inner:
                self.bad(number, "write each approval as `- address: …` with its other keys below `address`")
            self.pair(number, line.strip(), items[-1])
        return items

    def pair(self, number, text, item):
        found = re.match(r"(?P<key>[A-Za-z_]+)\s*:(?:\s+(?P<value>.*))?$", text)
        if not found or found["key"] not in KEYS:
            self.bad(number, "the keys of an approval are " + ", ".join(KEYS))
        if found["key"] in item:
            self.bad(number, found["key"] + " is there twice")
        item[found["key"]] = self.scalar(number, found["value"] or "")

    def scalar(self, number, text):
        text = text.strip()
        if text[:1] in ("'", '"'):
            value, rest = self.quoted(number, text)
            if rest and not rest.startswith("#"):
                self.bad(number, "something follows the closing quote")
            return value
        text = self.plain(number, text)
        if text[:1] in ("|", ">", "&", "*", "!", "{", "[", "%", "@", "`"):
            self.bad(number, "write the value on one line, in quotes where it begins with " + text[0])
        return "" if text in ("~", "null") else text

    def quoted(self, number, text):
        found = WORD.match(text)
        if not found:
            self.bad(number, "a quote is not closed")
        if found["single"] is not None:
            return found["single"][1:-1].replace("''", "'"), found["rest"]
        try:
            return json.loads(found["double"], strict=False), found["rest"]
        except ValueError:
            self.bad(number, "the value in double quotes has an escape that is not known here; use single quotes")

    def plain(self, number, text):
        """Without a comment at the end; a # in quotes is none."""
        quote = ""
        for at, char in enumerate(text):
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"" and (at == 0 or text[at - 1] in " :{[,"):
                quote = char
            elif char == "#" and (at == 0 or text[at - 1] == " "):
                return text[:at].strip()
        return text.strip()

    def flow_list(self, number, text):
        if not (text.startswith("[") and text.endswith("]")):
            self.bad(number, "approvals is a list")
        rest = text[1:-1].strip()
        items = []
        while rest:
            end = self.closing(number, rest)
            items.append(self.flow_map(number, rest[:end + 1]))
            rest = rest[end + 1:].lstrip()
            if rest and not rest.startswith(","):
                self.bad(number, "a comma is missing between two approvals")
            rest = rest[1:].lstrip()
        return items

    def closing(self, number, text):
        quote = ""
        for at, char in enumerate(text):
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == "}":
                return at
        self.bad(number, "a brace is not closed")

    def flow_map(self, number, text):
        if not (text.startswith("{") and text.endswith("}")):
            self.bad(number, "an approval is a map: {address: …, reason: …}")
        rest = text[1:-1].strip()
        item = {}
        while rest:
            found = re.match(r"(?P<key>[A-Za-z_]+)\s*:\s*(?P<rest>.*)$", rest)
            if not found or found["key"] not in KEYS or found["key"] in item:
                self.bad(number, "the keys of an approval are " + ", ".join(KEYS) + ", each once")
            rest = found["rest"]
            if rest[:1] in ("'", '"'):
                value, rest = self.quoted(number, rest)
            else:
                value, comma, after = rest.partition(",")
                value, rest = value.strip(), comma + after
                if value[:1] in ("|", ">", "&", "*", "!", "{", "["):
                    self.bad(number, "write the value in quotes")
            item[found["key"]] = value
            if rest and not rest.startswith(","):
                self.bad(number, "a comma is missing")
            rest = rest[1:].lstrip()
        return item


def refusal(approval, today):
    """Why this approval does not count; nothing where it does."""
    if not approval.get("reason", "").strip():
        return "its approval has no reason"
    if "expires" in approval:
        text = approval["expires"].strip()
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return f"its approval expires on {text!r}, which is not a date like 2027-01-31"
        try:
            if datetime.date.fromisoformat(text) < today:
                return f"its approval expired on {text}"
        except ValueError:
            return f"its approval expires on {text}, and there is no such day"
    return ""


def main(arguments):
    if len(arguments) not in (1, 2) or arguments[0].startswith("-"):
        print(__doc__, file=sys.stdout if arguments[:1] in (["-h"], ["--help"]) else sys.stderr)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        found = endangered(read_plan(arguments[0]))
    except Invalid as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 3
    approval_file = arguments[1] if len(arguments) == 2 else "destroy-approval.yaml"
    approvals = []
    unread = ""
    if os.path.exists(approval_file):
        try:
            approvals = read_approvals(approval_file)
        except Invalid as problem:
            unread = str(problem)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    blocked = 0
    for address, fate in sorted(found.items()):
        reasons = [refusal(approval, today) for approval in approvals if approval.get("address") == address]
        if "" in reasons:
            reason = next(a["reason"] for a in approvals if a.get("address") == address and not refusal(a, today))
            print(f"approved: {address} will be {fate}: {reason}")
        else:
            blocked += 1
            print(f"blocked: {address} would be {fate}: {reasons[0] if reasons else 'nobody approved it'}", file=sys.stderr)
    for approval in approvals:
        if approval.get("address") not in found:
            print(f"note: {approval_file} approves {approval.get('address', 'nothing')!r}, which this plan leaves alone: delete the entry", file=sys.stderr)
    if unread:
        print(f"{'error' if blocked else 'warning'}: no approval counts, {unread}", file=sys.stderr)
    if blocked:
        print(f"hint: if it must go, name its exact address with a reason in {approval_file}, and have that reviewed", file=sys.stderr)
        return 1
    print(f"{len(found)} protected resources go, all approved" if found else "no protected resource is deleted or replaced")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
[/@file]
