import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync } from "vite";

/** A place in the source that makes a `HeddleError`, or its payload, with one of the forms that its details can have there. */
export interface ErrorSite {
  /** `path:line`, from the root of the repository. */
  readonly place: string;
  /** What `code` can be there; `undefined` when the source does not say. */
  readonly codes: readonly string[] | undefined;
  /** What `details.cause` can be there, "" for nothing; none where the details have no cause, `undefined` when the source does not say. */
  readonly causes: readonly string[] | undefined;
  /** The names in `details`; `undefined` when the source does not say all of them. */
  readonly details: ReadonlySet<string> | undefined;
}

type Node = { type: string; start: number; end: number } & Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

const IS_FUNCTION = /^(ArrowFunctionExpression|FunctionDeclaration|FunctionExpression)$/;

const ROOT = resolve(import.meta.dirname, "../..");
const isProductive = (path: string) => !/\.(test|fixture|bench)\.tsx?$|\/testing\/|\.d\.ts$/.test(path);

/** One source file, with the node above each node. */
class Source {
  readonly #above = new Map<Node, Node>();
  readonly nodes: Node[] = [];
  readonly path: string;
  readonly #text: string;

  constructor(path: string) {
    this.path = path;
    this.#text = readFileSync(join(ROOT, path), "utf8");
    const { program, errors } = parseSync(path, this.#text);
    if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
    this.#visit(program as unknown as Node);
  }

  #visit(node: Node): void {
    this.nodes.push(node);
    for (const [key, value] of Object.entries(node)) {
      if (key === "parent") continue;
      for (const below of Array.isArray(value) ? value : [value]) {
        if (!isNode(below)) continue;
        this.#above.set(below, node);
        this.#visit(below);
      }
    }
  }

  line = (node: Node): number => this.#text.slice(0, node.start).split("\n").length;
  above = (node: Node): Node | undefined => this.#above.get(node);

  /** The innermost function around a node. */
  functionOf(node: Node): Node | undefined {
    let at = this.above(node);
    while (at && !IS_FUNCTION.test(at.type)) at = this.above(at);
    return at;
  }
}

/** `key: value` of an object literal, by key; `...` where it spreads something. */
function properties(object: Node): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const property of object.properties as Node[]) {
    if (property.type === "SpreadElement") found.set("...", property.argument as Node);
    else if (property.type !== "RestElement") {
      const key = property.key as Node;
      found.set(String(key.name ?? key.value), property.value as Node);
    }
  }
  return found;
}

/** An expression, in the file where it stands. */
interface Meant {
  readonly source: Source;
  readonly node: Node;
}
type Fields = Map<string, Meant>;

/** All lists as one, unless one is not known. */
const allOf = <T>(lists: readonly (readonly T[] | undefined)[]): T[] | undefined =>
  lists.every((list) => list !== undefined) ? lists.flat() : undefined;

/** What was found before; nothing for what is still being looked for. */
function remembered<T>(memory: Map<Node, T | undefined>, node: Node, find: () => T | undefined): T | undefined {
  if (memory.has(node)) return memory.get(node);
  memory.set(node, undefined);
  const found = find();
  memory.set(node, found);
  return found;
}

class Sources {
  readonly #calls = new Map<unknown, Meant[]>();
  readonly #functions = new Map<unknown, Meant[]>();
  readonly #strings = new Map<Node, string[] | undefined>();
  readonly #objects = new Map<Node, Fields[] | undefined>();

  constructor(files: readonly Source[]) {
    const keep = (map: Map<unknown, Meant[]>, name: unknown, meant: Meant) => {
      const list = map.get(name);
      if (list) list.push(meant);
      else map.set(name, [meant]);
    };
    for (const source of files) {
      for (const node of source.nodes) {
        if (node.type === "CallExpression") {
          const target = node.callee as Node;
          keep(this.#calls, (target.type === "MemberExpression" ? (target.property as Node) : target).name, {
            source,
            node,
          });
        } else if (IS_FUNCTION.test(node.type)) keep(this.#functions, nameOfFunction(source, node), { source, node });
      }
    }
  }

  /** All strings that an expression can be, or `undefined` when the source does not tell. */
  strings(source: Source, node: Node | undefined): string[] | undefined {
    return node && remembered(this.#strings, node, () => this.#readStrings(source, node));
  }

  #readStrings(source: Source, node: Node): string[] | undefined {
    const all = (...parts: unknown[]) => allOf(parts.map((part) => this.strings(source, part as Node)));
    switch (node.type) {
      case "Literal":
        return typeof node.value === "string" ? [node.value] : undefined;
      case "ConditionalExpression":
        return all(node.consequent, node.alternate);
      case "LogicalExpression":
        return all(node.left, node.right);
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "TSNonNullExpression":
      case "ParenthesizedExpression":
      case "ChainExpression":
        return this.strings(source, node.expression as Node);
      case "TemplateLiteral": {
        const quasis = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
        const [first = "", ...rest] = quasis;
        let texts = [first];
        for (const [index, expression] of (node.expressions as Node[]).entries()) {
          const parts = this.strings(source, expression);
          if (!parts) return undefined;
          texts = texts.flatMap((text) => parts.map((part) => text + part + (rest[index] ?? "")));
        }
        return texts;
      }
      case "MemberExpression": {
        const name = String((node.property as Node).name);
        const objects = this.objects(source, node.object as Node);
        if (objects) {
          const held = objects.flatMap((fields) => fields.get(name) ?? []);
          return allOf(held.map((one) => this.strings(one.source, one.node)));
        }
        // A table's column: every literal that any object of the file has under that name.
        const values = source.nodes
          .filter(({ type, key }) => type === "Property" && isNode(key) && (key.name ?? key.value) === name)
          .map(({ value }) => value as Node)
          .filter(({ type }) => type === "Literal");
        const texts = values.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
        return texts.length > 0 ? texts : undefined;
      }
      case "Identifier": {
        // Perhaps nothing at all, which is not the name of anything.
        if (node.name === "undefined") return [""];
        const meant = this.meant(source, node);
        return meant && allOf(meant.map((one) => this.strings(one.source, one.node)));
      }
      case "CallExpression": {
        const returned = this.#returned(source, node);
        return returned && allOf(returned.map((one) => this.strings(one.source, one.node)));
      }
      default:
        return undefined;
    }
  }

  /** Every object literal that an expression can be, with what it spreads in it; `undefined` when the source does not tell. */
  objects(source: Source, node: Node | undefined): Fields[] | undefined {
    return node && remembered(this.#objects, node, () => this.#readObjects(source, node));
  }

  #readObjects(source: Source, node: Node): Fields[] | undefined {
    switch (node.type) {
      case "ObjectExpression":
        return this.#spread(source, node);
      case "ConditionalExpression":
        return allOf([node.consequent, node.alternate].map((part) => this.objects(source, part as Node)));
      case "LogicalExpression": {
        const right = this.objects(source, node.right as Node);
        // `condition && {…}` spreads nothing where it does not hold.
        return node.operator === "&&"
          ? right && [...right, new Map()]
          : allOf([this.objects(source, node.left as Node), right]);
      }
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "ParenthesizedExpression":
        return this.objects(source, node.expression as Node);
      case "Identifier": {
        const meant = this.meant(source, node);
        return meant && allOf(meant.map((one) => this.objects(one.source, one.node)));
      }
      case "CallExpression": {
        const returned = this.#returned(source, node);
        return returned && allOf(returned.map((one) => this.objects(one.source, one.node)));
      }
      default:
        return undefined;
    }
  }

  #spread(source: Source, object: Node): Fields[] | undefined {
    let variants: Fields[] = [new Map()];
    for (const property of object.properties as Node[]) {
      if (property.type === "SpreadElement") {
        const spread = this.objects(source, property.argument as Node);
        if (!spread) return undefined;
        variants = variants.flatMap((fields) => spread.map((more) => new Map([...fields, ...more])));
      } else {
        const key = property.key as Node;
        for (const fields of variants)
          fields.set(String(key.name ?? key.value), { source, node: property.value as Node });
      }
    }
    return variants;
  }

  /** The expressions that a name stands for: the value of a constant, or what every caller gives for a parameter. */
  meant(source: Source, node: Node): Meant[] | undefined {
    const name = String(node.name);
    for (let at = source.above(node); at; at = source.above(at)) {
      if (at.type === "BlockStatement" || at.type === "Program") {
        for (const statement of at.body as Node[]) {
          const declared = statement.type === "ExportNamedDeclaration" ? (statement.declaration as Node) : statement;
          if (declared?.type !== "VariableDeclaration") continue;
          for (const { id, init } of declared.declarations as { id: Node; init: Node | null }[])
            if (id.name === name && init) return [{ source, node: init }];
        }
      }
      if (!IS_FUNCTION.test(at.type)) continue;
      const given = this.#given(source, at, name);
      if (given) return given;
    }
    return undefined;
  }

  /** What the function returns that a call is of: of the same file, else the only one of that name. */
  #returned(source: Source, call: Node): Meant[] | undefined {
    const { name } = call.callee as Node;
    const named = this.#functions.get(name) ?? [];
    const here = named.filter((one) => one.source === source);
    const all = here.length > 0 ? here : named;
    const [only] = all;
    if (name === undefined || !only || all.length > 1) return undefined;
    const body = only.node.body as Node;
    if (body.type !== "BlockStatement") return [{ source: only.source, node: body }];
    const found = only.source.nodes.filter(
      (node) => node.type === "ReturnStatement" && isNode(node.argument) && only.source.functionOf(node) === only.node,
    );
    return found.map((node) => ({ source: only.source, node: node.argument as Node }));
  }

  /** What callers give for a parameter of a function, itself or as a property; `undefined` where it has none of that name. */
  #given(source: Source, callee: Node, name: string): Meant[] | undefined {
    const params = (callee.params as Node[]).map((param) => {
      const isOptional = param.type === "AssignmentPattern";
      return {
        plain: (isOptional ? param.left : param) as Node,
        otherwise: isOptional ? (param.right as Node) : undefined,
      };
    });
    const index = params.findIndex(
      ({ plain }) => plain.name === name || (plain.type === "ObjectPattern" && properties(plain).has(name)),
    );
    const param = params[index];
    const called = nameOfFunction(source, callee);
    if (!param || called === undefined) return undefined;
    const found: Meant[] = [];
    for (const { source: file, node: call } of this.#calls.get(called) ?? []) {
      const argument = (call.arguments as Node[])[index];
      if (param.plain.type !== "ObjectPattern") {
        if (argument) found.push({ source: file, node: argument });
        else if (param.otherwise) found.push({ source, node: param.otherwise });
      } else if (argument?.type === "ObjectExpression") {
        const value = properties(argument).get(name);
        if (value) found.push({ source: file, node: value });
      }
    }
    return found.length > 0 ? found : undefined;
  }
}

/** What a function is declared, assigned or kept as. */
function nameOfFunction(source: Source, callee: Node): unknown {
  if (isNode(callee.id)) return callee.id.name;
  const holder = source.above(callee);
  if (holder?.type === "VariableDeclarator") return (holder.id as Node).name;
  return holder && /^(MethodDefinition|PropertyDefinition|Property)$/.test(holder.type)
    ? (holder.key as Node).name
    : undefined;
}

/** Every place below `folders` which makes an error: an object with `code` and `message` or `help`, or what `HeddleError` is given. */
export function errorSites(folders: readonly string[]): ErrorSite[] {
  const paths = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: ROOT })).filter(isProductive);
  const files = paths.sort().map((path) => new Source(path));
  const sources = new Sources(files);
  const sites: ErrorSite[] = [];
  for (const source of files) {
    for (const node of source.nodes) {
      if (node.type !== "ObjectExpression") continue;
      const fields = properties(node);
      const code = fields.get("code");
      const above = source.above(node);
      const isThrown = above?.type === "NewExpression" && (above.callee as Node).name === "HeddleError";
      // Of zod: an issue of a schema, which becomes part of a failure.
      if (
        above?.type === "CallExpression" &&
        ((above.callee as Node).property as Node | undefined)?.name === "addIssue"
      )
        continue;
      if (!code || !(isThrown || fields.has("message") || fields.has("help"))) continue;
      const place = `${source.path}:${source.line(node)}`;
      const codes = sources.strings(source, code);
      const given = fields.get("details");
      const variants = given ? sources.objects(source, given) : [new Map() as Fields];
      if (!variants) sites.push({ place, codes, causes: undefined, details: undefined });
      for (const details of variants ?? []) {
        const cause = details.get("cause");
        const causes = cause ? sources.strings(cause.source, cause.node) : [];
        sites.push({ place, codes, causes, details: new Set(details.keys()) });
      }
    }
  }
  return sites;
}
