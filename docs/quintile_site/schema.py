"""A JSON Schema as a reference page: a heading for every key, with its type, default, words and meaning."""

import json


def reference(project, name):
    """Markdown for docs/schema/<name>.schema.json, and that file."""
    file = project / f"docs/schema/{name}.schema.json"
    schema = json.loads(file.read_text())
    return "\n".join(Reference(schema).keys_of(schema, "", 2)), [file]


class Reference:
    def __init__(self, schema):
        self.definitions = schema.get("$defs", {})

    def resolve(self, node):
        """A node with what it refers to; its own words come first."""
        reference = node.get("$ref", "").removeprefix("#/$defs/")
        return {**self.definitions[reference], **node} if reference else node

    def keys_of(self, mapping, path, level):
        needed = mapping.get("required", [])
        for key, node in mapping.get("properties", {}).items():
            node = self.resolve(node)
            yield from self.key(f"{path}{key}", node, key in needed, level)
            below = self.resolve(node.get("items", {})) if node.get("type") == "array" else node
            mark = "[]." if below is not node else "."
            yield from self.keys_of(below, f"{path}{key}{mark}", min(level + 1, 4))

    def key(self, path, node, needed, level):
        facts = [kind_of(node)]
        if needed:
            facts.append("**required**")
        if "default" in node:
            facts.append(f"default {code(node['default'])}")
        yield f"{'#' * level} `{path}`\n"
        yield f"{{.facts}}\n{' · '.join(facts)}\n"
        yield f"{node['description']}\n"
        if "enum" in node:
            for word, meaning in zip(node["enum"], node["enumDescriptions"], strict=True):
                yield f"- {code(word)}: {meaning}"
            yield ""
        examples = node.get("examples", [])
        if examples:
            yield f"For example {', '.join(code(example) for example in examples)}.\n"


def code(value):
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value, ensure_ascii=False)}`"


def kind_of(node):
    """What may stand there, in words."""
    if "const" in node:
        return code(node["const"])
    if "enum" in node:
        return "one word"
    if "oneOf" in node and "type" not in node:
        return " or ".join(kind_of(one) for one in node["oneOf"])
    match node.get("type"):
        case "array":
            return f"list of {plural(kind_of(node['items']))}" + counts(node)
        case "object":
            return "mapping"
        case "integer":
            return f"whole number, {node['minimum']} to {node['maximum']}"
        case "boolean":
            return "true or false"
        case "string" if node.get("format") == "date":
            return "a day, YYYY-MM-DD"
        case "string" if "maxLength" in node:
            return f"text, at most {node['maxLength']} bytes"
        case "string":
            return "text"
        case _:
            return "number"


def plural(kind):
    return {"text": "texts", "mapping": "mappings", "number": "numbers"}.get(kind, kind.replace("text,", "texts,"))


def counts(node):
    low, high = node.get("minItems"), node.get("maxItems")
    if low and high:
        return f", {low} to {high}" if low != high else f", {low}"
    return f", at most {high}" if high else ""
