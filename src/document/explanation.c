/* Every code in words: what it means and what to do, and as far as a folder of files can show it,
 * something wrong and the same put right. A test has both checked. */
#include "document/explanation.h"

#include "base/check.h"

#include <stddef.h>

// clang-format off
static const struct explanation explanations[DIAGNOSTIC_COUNT] = {
    [DIAGNOSTIC_E0001] = {
        .means =
         "The file breaks the rules of YAML, so that nothing in it can be read. Mostly a "
         "quote or bracket is never closed, a line is not indented as the one above it, or a "
         "text with ': ' or '#' in it needs quotes. The place that is shown is where reading "
         "had to stop; the mistake may be a line earlier.",
        .wrong =
         "description: \"Answers questions\n",
        .right =
         "description: \"Answers questions\"\n",
    },
    [DIAGNOSTIC_E0002] = {
        .means =
         "The file breaks the rules of JSON. It knows no comments, no trailing commas, and no "
         "single quotes.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.json\n"
         "# schemas/in.json\n"
         "{\"type\": \"object\",}\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.json\n"
         "# schemas/in.json\n"
         "{\"type\": \"object\"}\n",
    },
    [DIAGNOSTIC_E0003] = {
        .means =
         "A file may have 1 MiB, and nest 32 levels deep in YAML; conditions of rules nest 16 "
         "deep. Split what is larger, or write it more simply.",
        .wrong =
         "routing:\n"
         "  - name: deep\n"
         "    when: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {not: {streaming: true}}}}}}}}}}}}}}}}}}\n"
         "    use: {model: demo-2}\n",
        .right =
         "routing:\n"
         "  - name: shallow\n"
         "    when: {not: {streaming: true}}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0004] = {
        .means =
         "A mapping has the same key twice, and only one of the two could count. Remove one; "
         "the help names the line of the first.",
        .wrong =
         "timeout: {total: 10s}\n"
         "timeout: {total: 60s}\n",
        .right =
         "timeout: {total: 60s}\n",
    },
    [DIAGNOSTIC_E0005] = {
        .means =
         "Tags (!name), anchors and aliases (&name, *name), merge keys (<<), several "
         "documents in a file, and lists or mappings as keys are not accepted: what a file "
         "says stands where it is said. Write the value out; quote a text that only looks "
         "like one of these.",
        .wrong =
         "description: *shared\n",
        .right =
         "description: \"*shared\"\n",
    },
    [DIAGNOSTIC_E0006] = {
        .means =
         "The file is not UTF-8. Save it as UTF-8; editors call the old encodings Latin-1 or "
         "Windows-1252.",
    },
    [DIAGNOSTIC_E0101] = {
        .means =
         "Something that cannot be guessed is not said. The help shows how it is written. "
         "Some keys are only required by others: 'stream: validated', 'respond: output' and "
         "'on_invalid_output' need an output schema.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "system: You are brief.\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_E0102] = {
        .means =
         "No such key is known here, so that it would have no effect. It may be misspelt, or "
         "belong elsewhere: the help says which is near, where it belongs, or what there is.",
        .wrong =
         "descripton: Answers questions.\n",
        .right =
         "description: Answers questions.\n",
    },
    [DIAGNOSTIC_E0103] = {
        .means =
         "The value has another type than the key takes. Numbers and true/false stand without "
         "quotes, durations and sizes have a unit, lists are in [brackets], mappings in "
         "{braces} or indented below.",
        .wrong =
         "timeout: 60s\n",
        .right =
         "timeout: {total: 60s}\n",
    },
    [DIAGNOSTIC_E0104] = {
        .means =
         "The value has the right type, but is smaller or greater than makes sense; the "
         "message names the bounds.",
        .wrong =
         "params: {temperature: 7}\n",
        .right =
         "params: {temperature: 0.7}\n",
    },
    [DIAGNOSTIC_E0105] = {
        .means =
         "Only certain words are understood here; the message lists them.",
        .wrong =
         "stream: sometimes\n",
        .right =
         "stream: raw\n",
    },
    [DIAGNOSTIC_E0106] = {
        .means =
         "The value has the right type, but not the right form: a duration without a unit, an "
         "address without a port, a text that is empty.",
        .wrong =
         "timeout: {total: 1 minute}\n",
        .right =
         "timeout: {total: 1m}\n",
    },
    [DIAGNOSTIC_E0107] = {
        .means =
         "A slug is the path of its endpoint: 1 to 63 of a-z, 0-9 and '-', with a letter or "
         "digit first. Paths that the gateway answers itself, such as 'mcp', 'v1' or 'docs', "
         "are taken.",
        .wrong =
         "slug: Reply To\n",
        .right =
         "slug: reply-to\n",
    },
    [DIAGNOSTIC_E0108] = {
        .means =
         "Two endpoints have the same slug, so that only one of them could be called. Without "
         "'slug' it is the file's name.",
        .wrong =
         "# endpoints/a.yaml\n"
         "slug: reply\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# endpoints/b.yaml\n"
         "slug: reply\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are verbose.\n",
        .right =
         "# endpoints/a.yaml\n"
         "slug: reply\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# endpoints/b.yaml\n"
         "slug: reply-at-length\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are verbose.\n",
    },
    [DIAGNOSTIC_E0109] = {
        .means =
         "Two keys say things that cannot both be, such as 'variables' and 'input_schema', or "
         "a bound that a type does not have. Keep the one that is meant.",
        .wrong =
         "variables: {audience: string}\n"
         "input_schema: {type: object}\n",
        .right =
         "variables: {audience: string}\n",
    },
    [DIAGNOSTIC_E0111] = {
        .means =
         "Two endpoints are tools of the same name for clients of the Model Context Protocol, so "
         "that only one of them could be called. Without 'name' it is the endpoint's slug.",
        .wrong =
         "# endpoints/a.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# endpoints/b.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are verbose.\n"
         "mcp: {name: a}\n",
        .right =
         "# endpoints/a.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# endpoints/b.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are verbose.\n"
         "mcp: {name: at_length}\n",
    },
    [DIAGNOSTIC_E0112] = {
        .means =
         "'successor' names the endpoint that callers of a deprecated one are sent to, by its "
         "slug. There is no such endpoint in this folder.",
        .wrong =
         "# endpoints/condense.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You condense.\n"
         "deprecated: {since: 2026-11-01, successor: sumarize}\n"
         "# endpoints/summarize.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You condense texts.\n",
        .right =
         "# endpoints/condense.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You condense.\n"
         "deprecated: {since: 2026-11-01, successor: summarize}\n"
         "# endpoints/summarize.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You condense texts.\n",
    },
    [DIAGNOSTIC_E0201] = {
        .means =
         "The schema breaks the rules of JSON Schema: a keyword has a value that it cannot "
         "have. The place is in the schema.",
        .wrong =
         "input_schema: {type: object, required: text}\n",
        .right =
         "input_schema: {type: object, required: [text]}\n",
    },
    [DIAGNOSTIC_E0202] = {
        .means =
         "A '$ref' leads to a place, or to a schema, that is not there. '#/$defs/name' is a "
         "place in the same schema; 'other.json' another file of schemas/. Nothing is fetched "
         "from a network.",
        .wrong =
         "input_schema:\n"
         "  type: object\n"
         "  properties: {item: {$ref: \"#/$defs/item\"}}\n",
        .right =
         "input_schema:\n"
         "  type: object\n"
         "  properties: {item: {$ref: \"#/$defs/item\"}}\n"
         "  $defs: {item: {type: string}}\n",
    },
    [DIAGNOSTIC_E0203] = {
        .means =
         "Following the references, one comes back to the same schema without having stepped "
         "into the document, so that a check would never end. A schema may contain itself "
         "only below a property, item or the like.",
        .wrong =
         "input_schema: {$ref: \"#/$defs/a\", $defs: {a: {$ref: \"#/$defs/b\"}, b: {$ref: \"#/$defs/a\"}}}\n",
        .right =
         "input_schema: {$ref: \"#/$defs/a\", $defs: {a: {type: object, properties: {next: {$ref: \"#/$defs/a\"}}}}}\n",
    },
    [DIAGNOSTIC_E0204] = {
        .means =
         "A 'pattern' of a schema, or the value of a 'regex' assertion, is not a regular "
         "expression. In YAML a pattern is best put into single quotes, in which a backslash "
         "is just that.",
        .wrong =
         "input_schema: {type: object, properties: {code: {type: string, pattern: '^[A-Z'}}}\n",
        .right =
         "input_schema: {type: object, properties: {code: {type: string, pattern: '^[A-Z]'}}}\n",
    },
    [DIAGNOSTIC_E0205] = {
        .means =
         "The schema's meta-schema requires a vocabulary that is not known here. Use one of "
         "the published drafts, 04 to 2020-12, or declare the vocabulary as optional.",
    },
    [DIAGNOSTIC_E0206] = {
        .means =
         "The schema is read from a file that is none, is YAML where JSON belongs, or has "
         "mistakes of its own, which are told at their own place.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.yaml\n"
         "# schemas/in.yaml\n"
         "type: object\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.json\n"
         "# schemas/in.json\n"
         "{\"type\": \"object\"}\n",
    },
    [DIAGNOSTIC_E0207] = {
        .means =
         "A document that 'pinion schema check' was given does not satisfy the schema. The "
         "message says what was expected at which place, and the help which keyword of the "
         "schema says so.",
    },
    [DIAGNOSTIC_E0301] = {
        .means =
         "A tag of the template is not closed, is empty, or closes what was not opened. A "
         "variable is {{name}}, a section {{#name}}...{{/name}}.",
        .wrong =
         "template: \"Answer {{message.\"\n",
        .right =
         "template: \"Answer {{message}}.\"\n",
    },
    [DIAGNOSTIC_E0302] = {
        .means =
         "The template uses a variable that the input schema does not declare, so that it "
         "would always be empty: mostly a typing mistake. Correct the name, or add the "
         "property to the schema.",
        .wrong =
         "template: Greet {{nmae}}.\n"
         "input_schema: {type: object, properties: {name: {type: string}}, additionalProperties: false}\n",
        .right =
         "template: Greet {{name}}.\n"
         "input_schema: {type: object, properties: {name: {type: string}}, additionalProperties: false}\n",
    },
    [DIAGNOSTIC_E0303] = {
        .means =
         "Templates are Mustache without lambdas, inheritance ({{<parent}}, {{$block}}) and "
         "dynamic names ({{>*name}}): what is sent to a model is to be seen in the file.",
        .wrong =
         "template: \"{{<base}}{{/base}}\"\n",
        .right =
         "template: \"{{message}}\"\n",
    },
    [DIAGNOSTIC_E0304] = {
        .means =
         "{{>name}} stands for the file endpoints/partials/name.mustache, which is not there.",
        .wrong =
         "template: \"{{>greeting}}\"\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "template: \"{{>greeting}}\"\n"
         "# endpoints/partials/greeting.mustache\n"
         "Good morning!\n",
    },
    [DIAGNOSTIC_E0305] = {
        .means =
         "Partials may include others, but none may lead back to itself, and they nest 64 "
         "deep.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "template: \"{{>a}}\"\n"
         "# endpoints/partials/a.mustache\n"
         "First {{>a}}\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "template: \"{{>a}}\"\n"
         "# endpoints/partials/a.mustache\n"
         "First.\n",
    },
    [DIAGNOSTIC_E0401] = {
        .means =
         "The rule asks for something that is no condition. A rule is never skipped: what it "
         "cannot mean is refused.",
        .wrong =
         "routing:\n"
         "  - name: long\n"
         "    when: {input_tokns: \">= 30000\"}\n"
         "    use: {model: demo-2}\n",
        .right =
         "routing:\n"
         "  - name: long\n"
         "    when: {input_tokens: \">= 30000\"}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0402] = {
        .means =
         "A condition compares with something of the wrong form. Numbers are compared by a "
         "string such as \">= 30000\" with one of >=, <=, >, <, == and !=, times by "
         "\"22:00-06:00\", days by mon to sun.",
        .wrong =
         "routing:\n"
         "  - name: long\n"
         "    when: {input_tokens: \"=> 30000\"}\n"
         "    use: {model: demo-2}\n",
        .right =
         "routing:\n"
         "  - name: long\n"
         "    when: {input_tokens: \">= 30000\"}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0403] = {
        .means =
         "'use' says where a rule leads: {model: ...}, {provider: ..., model: ...}, or "
         "{template: NAME} of pinion.yaml alone.",
        .wrong =
         "routing:\n"
         "  - name: nowhere\n"
         "    use: {}\n",
        .right =
         "routing:\n"
         "  - name: somewhere\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0404] = {
        .means =
         "The condition asks for something that this endpoint does not have, such as a "
         "budget, a session, or a place that its input schema does not know: it could never "
         "hold as it is meant.",
        .wrong =
         "routing:\n"
         "  - name: save money\n"
         "    when: {monthly_spend_pct: \">= 80\"}\n"
         "    use: {model: demo-2}\n",
        .right =
         "params: {max_tokens: 800}\n"
         "budget: {monthly_usd: 50}\n"
         "routing:\n"
         "  - name: save money\n"
         "    when: {monthly_spend_pct: \">= 80\"}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0405] = {
        .means =
         "Rules look at those headers only that pinion.yaml lists under 'routing_headers'; "
         "headers that tell who somebody is cannot be listed.",
        .wrong =
         "routing:\n"
         "  - name: testers\n"
         "    when: {header: {X-Tester: \"yes\"}}\n"
         "    use: {model: demo-2}\n",
        .right =
         "# pinion.yaml\n"
         "routing_headers: [X-Tester]\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "routing:\n"
         "  - name: testers\n"
         "    when: {header: {X-Tester: \"yes\"}}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_E0406] = {
        .means =
         "A rule has another endpoint answer in place of its own, or a shadow has one answer copies "
         "of calls. Callers are promised the schemas of the endpoint that they call, and only "
         "answers of the same form can be compared, so both need the same ones; and no endpoint "
         "can stand in for itself.",
        .wrong =
         "# endpoints/reply-next.yaml\n"
         "provider: demo\n"
         "model: demo-2\n"
         "system: You are very brief.\n"
         "output_schema: {type: object}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "routing:\n"
         "  - name: canary\n"
         "    when: {percent: 5, sticky: caller}\n"
         "    use: {endpoint: reply-next}\n",
        .right =
         "# endpoints/reply-next.yaml\n"
         "provider: demo\n"
         "model: demo-2\n"
         "system: You are very brief.\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "routing:\n"
         "  - name: canary\n"
         "    when: {percent: 5, sticky: caller}\n"
         "    use: {endpoint: reply-next}\n",
    },
    [DIAGNOSTIC_E0501] = {
        .means =
         "An endpoint, rule or template names a provider that pinion.yaml does not have. The "
         "built-in 'demo' is always there.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: opnai\n"
         "model: gpt-4.1-mini\n"
         "system: You are brief.\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: openai\n"
         "model: gpt-4.1-mini\n"
         "system: You are brief.\n"
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"an-example\"}}\n",
    },
    [DIAGNOSTIC_E0502] = {
        .means =
         "Something about a provider cannot be: its name, its address, or what its kind does "
         "not have. Addresses are https, and not those of this machine or its network, unless "
         "'allow_http' and 'allow_private' say so.",
        .wrong =
         "# pinion.yaml\n"
         "providers: {Ours: {kind: compatible, base_url: \"https://models.example/v1\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
        .right =
         "# pinion.yaml\n"
         "providers: {ours: {kind: compatible, base_url: \"https://models.example/v1\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_E0503] = {
        .means =
         "A rule or failover target names a template that 'templates' in pinion.yaml does not "
         "have.",
        .wrong =
         "failover: [{template: cheap}]\n",
        .right =
         "# pinion.yaml\n"
         "templates: {cheap: {provider: demo, model: demo-2}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "failover: [{template: cheap}]\n",
    },
    [DIAGNOSTIC_E0504] = {
        .means =
         "A budget is kept exactly: before a call its worst case is set aside. For that every "
         "model that may be asked needs a price, and every answer an end ('max_tokens').",
        .wrong =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"an-example\"}}\n"
         "prices: {openai/gpt-new: {input: 0.4, output: 1.6}}\n"
         "# endpoints/reply.yaml\n"
         "provider: openai\n"
         "model: gpt-new\n"
         "system: You are brief.\n"
         "budget: {monthly_usd: 50}\n",
        .right =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"an-example\"}}\n"
         "prices: {openai/gpt-new: {input: 0.4, output: 1.6}}\n"
         "# endpoints/reply.yaml\n"
         "provider: openai\n"
         "model: gpt-new\n"
         "system: You are brief.\n"
         "params: {max_tokens: 800}\n"
         "budget: {monthly_usd: 50}\n",
    },
    [DIAGNOSTIC_E0505] = {
        .means =
         "A model that turns texts into vectors answers no conversation, and the other way "
         "round. Endpoints converse; an embedding model is called by an alias or by its own "
         "name, at /v1/embeddings. All targets of an alias do the same.",
        .wrong =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"an-example\"}}\n"
         "# endpoints/embed.yaml\n"
         "provider: openai\n"
         "model: text-embedding-3-small\n"
         "system: You embed.\n",
        .right =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"an-example\"}}\n"
         "aliases: {embed: \"openai:text-embedding-3-small\"}\n",
    },
    [DIAGNOSTIC_E0601] = {
        .means =
         "A secret that is named as ${env:NAME}, ${file:/path} or ${secret:NAME} is not "
         "there, is empty, or has blanks in it. With --allow-missing-secrets 'check' only "
         "warns.",
        .wrong =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"${env:NO_SUCH_VARIABLE}\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: openai\n"
         "model: gpt-4.1-mini\n"
         "system: You are brief.\n",
        .right =
         "# pinion.yaml\n"
         "providers: {openai: {kind: openai, key: \"${env:PATH}\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: openai\n"
         "model: gpt-4.1-mini\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_E0602] = {
        .means =
         "A file that is named is not there, or cannot be read; or one stands where it would "
         "be overlooked, such as a .yml beside .yaml files. Paths start at the configuration "
         "folder.",
        .wrong =
         "input_schema: schemas/in.json\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.json\n"
         "# schemas/in.json\n"
         "{\"type\": \"object\"}\n",
    },
    [DIAGNOSTIC_E0603] = {
        .means =
         "A configuration is one folder: its files name files within it only, without '..', "
         "and links do not lead out of it.",
        .wrong =
         "input_schema: ../schemas/in.json\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "input_schema: schemas/in.json\n"
         "# schemas/in.json\n"
         "{\"type\": \"object\"}\n",
    },
    [DIAGNOSTIC_E0604] = {
        .means =
         "A certificate, a key or a file of authorities cannot be read, is not PEM, or the "
         "two do not belong together.",
        .wrong =
         "# pinion.yaml\n"
         "tls: {certificate: pinion.yaml, key: pinion.yaml}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_E0701] = {
        .means =
         "A test says something that no assertion can mean: a value of the wrong type, a "
         "'pointer' where there is no place, or none where one is needed. The help shows the "
         "form.",
        .wrong =
         "tests:\n"
         "  - name: quick\n"
         "    input: Hello\n"
         "    assert: [{type: max-latency-ms}]\n",
        .right =
         "tests:\n"
         "  - name: quick\n"
         "    input: Hello\n"
         "    assert: [{type: max-latency-ms, value: 5000}]\n",
    },
    [DIAGNOSTIC_E0702] = {
        .means =
         "The input of a test does not satisfy the endpoint's own input schema, so that the "
         "test could only fail. Correct the input; or expect the refusal with {type: status, "
         "value: 422}.",
        .wrong =
         "input_schema: {type: object, properties: {text: {type: string}}, required: [text]}\n"
         "tests:\n"
         "  - name: answers\n"
         "    input: {}\n"
         "    assert: [{type: status, value: 200}]\n",
        .right =
         "input_schema: {type: object, properties: {text: {type: string}}, required: [text]}\n"
         "tests:\n"
         "  - name: answers\n"
         "    input: {text: Hello}\n"
         "    assert: [{type: status, value: 200}]\n",
    },
    [DIAGNOSTIC_E0801] = {
        .means =
         "A project has a name that cannot stand in a path, an id that is no UUID, or the id "
         "of another.",
        .wrong =
         "# pinion.yaml\n"
         "projects: {Acme Ltd: {}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
        .right =
         "# pinion.yaml\n"
         "projects: {acme: {}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_E0802] = {
        .means =
         "A rule asks for callers of a project that 'projects' in pinion.yaml does not have.",
        .wrong =
         "routing:\n"
         "  - name: acme\n"
         "    when: {caller: {project: acme}}\n"
         "    use: {model: demo-2}\n",
        .right =
         "# pinion.yaml\n"
         "projects: {acme: {}}\n"
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "routing:\n"
         "  - name: acme\n"
         "    when: {caller: {project: acme}}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_W0101] = {
        .means =
         "In YAML 1.2, and here, only true and false are booleans; yes, no, on and off are "
         "texts. Where a text is meant, put it in quotes, so that no other reader takes it "
         "for a boolean.",
        .wrong =
         "description: yes\n",
        .right =
         "description: \"yes\"\n",
    },
    [DIAGNOSTIC_W0102] = {
        .means =
         "The text looks like a number, a boolean or null to other readers of YAML, or to "
         "people, but is a text here. Write the value as JSON does, or put the text in quotes.",
        .wrong =
         "description: 0x1F\n",
        .right =
         "description: \"0x1F\"\n",
    },
    [DIAGNOSTIC_W0201] = {
        .means =
         "The schema has a keyword that JSON Schema does not know, which has no effect: "
         "mostly a typing mistake. Notes of your own begin with 'x-'.",
        .wrong =
         "input_schema: {type: object, requird: [text]}\n",
        .right =
         "input_schema: {type: object, required: [text]}\n",
    },
    [DIAGNOSTIC_W0202] = {
        .means =
         "The schema names a format that is not known, so that nothing is checked by it.",
        .wrong =
         "input_schema: {type: object, properties: {at: {type: string, format: datetime}}}\n",
        .right =
         "input_schema: {type: object, properties: {at: {type: string, format: date-time}}}\n",
    },
    [DIAGNOSTIC_W0203] = {
        .means =
         "The provider's own structured output has no way to say this part of the output "
         "schema. It is left out there, and the answer is checked for it here all the same.",
    },
    [DIAGNOSTIC_W0204] = {
        .means =
         "Only the grammar that browsers keep for old pages allows this pattern; other "
         "readers of the schema may refuse it. The message says what to write instead.",
        .wrong =
         "input_schema: {type: object, properties: {code: {type: string, pattern: '^a{,5}$'}}}\n",
        .right =
         "input_schema: {type: object, properties: {code: {type: string, pattern: '^a{0,5}$'}}}\n",
    },
    [DIAGNOSTIC_W0205] = {
        .means =
         "Alternatives of the schema lead to the same ones again and again, so that a hostile "
         "value may take more steps to check than a check is given; it is then refused as "
         "undecided. Write the alternatives so that each value fits only one, by a 'const' "
         "for instance.",
    },
    [DIAGNOSTIC_W0301] = {
        .means =
         "A file of endpoints/partials/ is used nowhere. Write {{>name}} where it is needed, "
         "or remove it.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# endpoints/partials/greeting.mustache\n"
         "Good morning!\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "template: \"{{>greeting}}\"\n"
         "# endpoints/partials/greeting.mustache\n"
         "Good morning!\n",
    },
    [DIAGNOSTIC_W0401] = {
        .means =
         "The first rule that matches wins, and one above this always does. Put it last, or "
         "give it conditions.",
        .wrong =
         "routing:\n"
         "  - name: always\n"
         "    use: {model: demo-2}\n"
         "  - name: long\n"
         "    when: {input_tokens: \">= 30000\"}\n"
         "    use: {model: demo-3}\n",
        .right =
         "routing:\n"
         "  - name: long\n"
         "    when: {input_tokens: \">= 30000\"}\n"
         "    use: {model: demo-3}\n"
         "  - name: always\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_W0402] = {
        .means =
         "A rule looks at how a target fares that no endpoint calls, so that nothing will "
         "ever be known of it.",
        .wrong =
         "routing:\n"
         "  - name: spare\n"
         "    when: {p95_ms: {\"demo:demo-9\": \"> 2000\"}}\n"
         "    use: {model: demo-2}\n",
        .right =
         "routing:\n"
         "  - name: spare\n"
         "    when: {p95_ms: {\"demo:demo-1\": \"> 2000\"}}\n"
         "    use: {model: demo-2}\n",
    },
    [DIAGNOSTIC_W0403] = {
        .means =
         "A rule is watched for what its calls cost beside those that it lets pass, but it "
         "lets none pass. Give it a share of the calls, or watch for refused answers alone.",
        .wrong =
         "routing:\n"
         "  - name: canary\n"
         "    use: {model: demo-2}\n"
         "    watch: {max_cost_ratio: 1.5}\n",
        .right =
         "routing:\n"
         "  - name: canary\n"
         "    when: {percent: 5, sticky: caller}\n"
         "    use: {model: demo-2}\n"
         "    watch: {max_cost_ratio: 1.5}\n",
    },
    [DIAGNOSTIC_W0501] = {
        .means =
         "The program does not know what the model costs, so that its calls are logged "
         "without a cost. Add it to 'prices' in pinion.yaml, in USD per million tokens.",
        .wrong =
         "# pinion.yaml\n"
         "providers: {ours: {kind: compatible, base_url: \"https://models.example/v1\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: ours\n"
         "model: llama-x\n"
         "system: You are brief.\n",
        .right =
         "# pinion.yaml\n"
         "providers: {ours: {kind: compatible, base_url: \"https://models.example/v1\"}}\n"
         "prices: {ours/llama-x: {input: 0, output: 0}}\n"
         "# endpoints/reply.yaml\n"
         "provider: ours\n"
         "model: llama-x\n"
         "system: You are brief.\n",
    },
    [DIAGNOSTIC_W0502] = {
        .means =
         "The API in which the model is spoken to has no such parameter; it is left out. "
         "Remove it, unless a failover target takes it.",
        .wrong =
         "# pinion.yaml\n"
         "providers: {claude: {kind: anthropic, key: \"an-example\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: claude\n"
         "model: claude-haiku-4-5\n"
         "system: You are brief.\n"
         "params: {seed: 7}\n",
        .right =
         "# pinion.yaml\n"
         "providers: {claude: {kind: anthropic, key: \"an-example\"}}\n"
         "# endpoints/reply.yaml\n"
         "provider: claude\n"
         "model: claude-haiku-4-5\n"
         "system: You are brief.\n"
         "params: {temperature: 0.7}\n",
    },
    [DIAGNOSTIC_W0602] = {
        .means =
         "A secret that is named is not there, and the command was told not to mind: with "
         "--allow-missing-secrets, or with --dev, where the built-in demo answers instead.",
    },
    [DIAGNOSTIC_W0603] = {
        .means =
         "An earlier version of the endpoint was put in force by 'pinion rollback', and stays "
         "so until the file, or one that it names, is changed. 'pinion history SLUG' shows "
         "the versions.",
    },
    [DIAGNOSTIC_W0701] = {
        .means =
         "A file of tests/ is named after no slug, so that its tests are never run. Name it "
         "after the endpoint that it tests.",
        .wrong =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# tests/replay.yaml\n"
         "- name: answers\n"
         "  input: Hello\n"
         "  assert: [{type: status, value: 200}]\n",
        .right =
         "# endpoints/reply.yaml\n"
         "provider: demo\n"
         "model: demo-1\n"
         "system: You are brief.\n"
         "# tests/reply.yaml\n"
         "- name: answers\n"
         "  input: Hello\n"
         "  assert: [{type: status, value: 200}]\n",
    },
    [DIAGNOSTIC_W0801] = {
        .means =
         "A mount point begins as the paths of a project do. It is served: what is called there "
         "is called for the project of whoever calls, and not only by tokens of the project that "
         "the path seems to name. Where that is not what clients expect, choose another mount "
         "point, or another name for the project.",
        .wrong =
         "# pinion.yaml\n"
         "projects: {ai: {}}\n"
         "mounts: [/api/ai/v1]\n",
        .right =
         "# pinion.yaml\n"
         "projects: {ai: {}}\n"
         "mounts: [/ai/v1]\n",
    },
};
// clang-format on

const struct explanation *explanation_of(enum diagnostic_code code)
{
    CHECK((unsigned)code < DIAGNOSTIC_COUNT);
    return &explanations[code];
}

const char explanation_begins[] = "provider: demo\nmodel: demo-1\nsystem: You are brief.\n";

/* "# endpoints/reply.yaml": a comment with a path, and nothing else. */
static bool is_head(struct text line)
{
    return text_starts(line, TEXT("# ")) && text_find_byte(line, '.') < line.len &&
           text_find_byte(text_after(line, 2), ' ') == line.len - 2;
}

bool explanation_file(struct text *rest, struct text *out_path, struct text *out_bytes)
{
    struct text line = text_first(*rest, text_find_byte(*rest, '\n'));
    struct text after;

    if (!is_head(line))
        return false;
    *out_path = text_after(line, 2);
    *rest = text_after(*rest, line.len + 1);
    after = *rest;
    while (after.len > 0) {
        line = text_first(after, text_find_byte(after, '\n'));
        if (is_head(line))
            break;
        after = text_after(after, line.len + 1);
    }
    *out_bytes = text_first(*rest, rest->len - after.len);
    *rest = after;
    return true;
}
