#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Generates man pages and shell completions from the output of --help:
manual.py [--date YYYY-MM-DD] OUT PROGRAM...

Runs every PROGRAM and each of its commands with --help and parses the format of
CLI11. Writes man1/NAME.1.gz, bash/NAME and fish/NAME.fish below OUT.
"""

import argparse
import dataclasses
import gzip
import pathlib
import re
import subprocess
import textwrap
import time

COLUMN = 30  # Column in which CLI11 starts the description of an entry.


@dataclasses.dataclass
class Option:
    names: list  # "-h", "--help"; empty for a positional argument.
    kind: str    # The text after the name, as printed.
    text: str

    @property
    def takes_value(self):
        return bool(re.sub(r"\(Env:\S+\)|(Needs|Excludes): (--\S+ ?)+", "",
                           self.kind).strip())

    @property
    def values(self):
        """The possible values of a choice; empty for other options."""
        found = re.search(r":\{([\w,.-]+)\}", self.kind) or re.search(
            r"^[A-Z]+:([a-z-]+(?:\|[a-z-]+)+)(?=[ =]|$)", self.kind)
        return re.split(r"[,|]", found.group(1)) if found else []


@dataclasses.dataclass
class Command:
    path: list  # "pinhole", "lab", "stress"
    about: str = ""
    usage: str = ""
    options: list = dataclasses.field(default_factory=list)
    positionals: list = dataclasses.field(default_factory=list)
    commands: list = dataclasses.field(default_factory=list)

    def everything(self):
        yield self
        for command in self.commands:
            yield from command.everything()


def entries(lines):
    """Pairs of an entry and its description, which is beside it or, if the entry
    is long, on the next line."""
    found = []
    for line, following in zip(lines, [*lines[1:], ""]):
        if line.startswith(" " * COLUMN):
            left, right = found.pop()
            found.append((left, f"{right} {line.strip()}".strip()))
        else:
            # Descriptions have one line, so the following line is all of it.
            alone = following.startswith(" " * COLUMN)
            if line[COLUMN - 1:COLUMN] == " " and not alone:
                left, right = line[:COLUMN].strip(), line[COLUMN:].strip()
            else:
                left, right = line.strip(), ""
            found.append((left, right))
    return found


def read(binary, path):
    """The Command of `path` with its subcommands."""
    help_text = subprocess.run(
        [binary, *path[1:], "--help"], check=True, text=True,
        stdout=subprocess.PIPE, timeout=60).stdout
    command = Command(path)
    head, *rest = re.split(r"^Usage: ", help_text, flags=re.MULTILINE)
    command.about = " ".join(head.split())
    lines = rest[0].splitlines()
    command.usage = lines[0].strip()
    names = []
    section, found = None, {}
    for line in lines[1:]:
        if line and not line.startswith(" "):
            section = line.rstrip(":")
            found[section] = []
        elif line and section:
            found[section].append(line)
    for section, body in found.items():
        if body and body[0].startswith(f"  {path[0]} "):
            # The footer lists commands of another parser.
            names += [line.split()[1] for line in body]
            continue
        for left, right in entries(body):
            add(command, section, left, right, names)
    command.commands = [read(binary, [*path, name]) for name in names]
    return command


# CLI11 2.4, in Debian 13, prints "TEXT [default]  (Env:NAME)" where 2.3 prints
# "TEXT=default (Env:NAME)".  Brackets after "in" are a range.
BRACKETED_DEFAULT = re.compile(
    r"(?<! in) \[(\[[^\[\]]*\]|[^\[\]]*)\] *(?=\.\.\.|\(Env:|$)")


def add(command, section, left, right, names):
    left = BRACKETED_DEFAULT.sub(r"=\1 ", left).strip().replace("  (", " (")
    if left.startswith("-"):
        name, _, kind = left.partition(" ")
        command.options.append(Option(name.split(","), kind, right))
    elif section == "Positionals":
        command.positionals.append(Option([], left, right))
    else:
        names.append(left)


# --- man ---------------------------------------------------------------------

def roff(text):
    """Text escaped for troff."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    lines = textwrap.wrap(text, 76, break_long_words=False,
                          break_on_hyphens=False)
    # At the start of a line, these characters begin a request.
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line
                     for line in lines)


def bold(text):
    return f"\\fB{roff(text)}\\fP"


def one_line(text):
    """The tag of a .TP must be one line."""
    return roff(text).replace("\n", " ")


def man_option(option):
    if option.names:
        head = ", ".join(bold(name) for name in option.names)
        head += f" {one_line(option.kind)}" if option.kind else ""
    else:
        name, _, rest = option.kind.partition(" ")
        head = f"{bold(name)} {one_line(rest)}".rstrip()
    return f".TP\n{head}\n{roff(option.text)}\n"


def man_usage(command):
    words = command.usage.split()
    depth = len(command.path)
    name = bold(" ".join(words[:depth]))
    return f"{name} {roff(' '.join(words[depth:]))}".rstrip() + "\n"


def man_body(command):
    text = "".join(map(man_option, command.positionals))
    # Every command has --help; describe it only once.
    options = [o for o in command.options
               if len(command.path) == 1 or "--help" not in o.names]
    return text + "".join(map(man_option, options))


def man_page(program, date, others):
    name = program.path[0]
    text = f'.\\" Generated by packaging/manual.py from `{name} --help`.\n'
    text += f'.TH {name.upper()} 1 {date} Pinhole "User Commands"\n'
    text += f".SH NAME\n{roff(f'{name} - ' + program.about.rstrip('.'))}\n"
    text += f".SH SYNOPSIS\n{man_usage(program)}"
    if any("Env:" in option.kind for option in program.options):
        text += (".SH DESCRIPTION\nAn option marked (Env:NAME) can also be set "
                 "by that environment\nvariable.\n"
                 "The command line takes precedence.\n")
    text += f".SH OPTIONS\n{man_body(program)}"
    leaves = [c for c in program.everything() if c is not program]
    if leaves:
        text += ".SH COMMANDS\n"
    for command in leaves:
        text += f".SS {roff(' '.join(command.path[1:]))}\n{man_usage(command)}"
        text += f".PP\n{roff(command.about)}\n{man_body(command)}"
    links = " ,\n".join(f".BR {roff(other)} (1)" for other in others)
    return f"{text}.SH SEE ALSO\n{links}\n"


# --- completion --------------------------------------------------------------

def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def all_options(command, program):
    """Options of a command and, if they are inherited, of its parents."""
    chain = [c for c in program.everything()
             if c.path == command.path[:len(c.path)]]
    return [option for c in chain for option in c.options] if (
        program.path == ["pinhole"]) else command.options


def bash_completion(program):
    name = program.path[0]
    function = "_" + name.replace("-", "_")
    words, values, takers = [], [], set()
    for command in program.everything():
        key = " ".join(command.path[1:])
        options = all_options(command, program)
        names = [n for o in options for n in o.names]
        names += [c.path[-1] for c in command.commands]
        names = list(dict.fromkeys(names))
        words.append(f"    {quoted(key)}) words={quoted(' '.join(names))} ;;")
        for option in options:
            takers.update(n for n in option.names if option.takes_value)
            if option.values:
                values += [
                    f"    {quoted(f'{key} {n}'.strip())}) "
                    f"words={quoted(' '.join(option.values))} ;;"
                    for n in option.names]
    groups = " | ".join(quoted(" ".join(c.path[1:])) for c in
                        program.everything() if c.path != program.path)
    return f'''# Generated by packaging/manual.py from `{name} --help`. For bash, and for zsh
# after `autoload -U +X bashcompinit && bashcompinit`.
{function}() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command= words= word try i
  # The command entered so far; a word after an option can be its value.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    try=${{command:+$command }}$word
    case $try in
    {groups or "''"}) command=$try ;;
    esac
  done
  COMPREPLY=()
  case "${{command:+$command }}$previous" in
{chr(10).join(values) or "    '') ;;"}
  esac
  if [[ -z $words ]]; then
    case $previous in
    {" | ".join(map(quoted, sorted(takers))) or "''"})
      COMPREPLY=($(compgen -f -- "$current"))
      return
      ;;
    esac
    case $command in
{chr(10).join(words)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F {function} {name}
'''


def fish_completion(program):
    name = program.path[0]
    lines = [f"# Generated by packaging/manual.py from `{name} --help`."]
    for command in program.everything():
        below = [c.path[-1] for c in command.commands]
        seen = " ".join(f"__fish_seen_subcommand_from {word};and"
                        for word in command.path[1:])
        unseen = (f"not __fish_seen_subcommand_from {' '.join(below)}"
                  if below else "true")
        when = quoted(f"{seen} {unseen}".strip().replace(";and ", "; and "))
        for sub in command.commands:
            lines.append(f"complete -c {name} -n {when} -f -a {sub.path[-1]} "
                         f"-d {quoted(sub.about)}")
        for option in command.options:
            flags = " ".join(f"-l {n[2:]}" if n.startswith("--")
                             else f"-s {n[1:]}" for n in option.names)
            if option.values:
                flags += f" -x -a {quoted(' '.join(option.values))}"
            elif option.takes_value:
                flags += " -r"
            always = "" if command is program else f" -n {when}"
            lines.append(f"complete -c {name}{always} {flags} "
                         f"-d {quoted(option.text)}")
    return "\n".join(lines) + "\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    path.write_bytes(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"))
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("programs", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    names = [program.name for program in arguments.programs]
    for binary in arguments.programs:
        program = read(binary.resolve(), [binary.name])
        others = [name for name in names if name != binary.name]
        out = arguments.out
        write(out / f"man1/{binary.name}.1.gz",
              man_page(program, arguments.date, others))
        write(out / f"bash/{binary.name}", bash_completion(program))
        write(out / f"fish/{binary.name}.fish", fish_completion(program))


if __name__ == "__main__":
    main()
