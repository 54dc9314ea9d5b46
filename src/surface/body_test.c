#include "surface/surface.h"

#include "base/buffer.h"
#include "config/load.h"
#include "document/json_write.h"
#include "memory_folder.h"
#include "unit.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/closed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\ninput_schema: {type: object, properties: "
               "{a: {type: integer}, list: {type: array}, stream: {type: string}, seed: {}}, "
               "additionalProperties: false}\n")},
    {"endpoints/free.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
    {"endpoints/named.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\ninput_schema: {type: object, properties: "
               "{message: {}, messages: {}, input: {}, variables: {}}}\n")},
    {"endpoints/open.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [temperature, stop, seed, "
               "reasoning_effort]\ninput_schema: {type: object}\n")},
    {"endpoints/string.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\ninput_schema: {type: string}\n")},
    {"endpoints/tools.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [tools, tool_choice]\n")},
    {"endpoints/typed-tools.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [tools]\ninput_schema: {type: "
               "object, properties: {tools: {}}}\n")},
    {"endpoints/fitting.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\noutput_schema: {type: object}\n")},
    {"endpoints/formed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools, response_format, "
               "max_tokens]\n")},
    {"endpoints/system.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system]\n")},
};

static struct config *load(struct arena *arena)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct diagnostics diagnostics = {.arena = arena};
    struct config *config =
        config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);

    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    return config;
}

static void put_parts(struct buffer *out, const struct chat_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct chat_part *part = &parts[i];

        buffer_put(out, TEXT("{"));
        if (part->id.len > 0)
            buffer_printf(out, "%.*s ", TEXT_ARG(part->id));
        if (part->name.len > 0)
            buffer_printf(out, "%.*s ", TEXT_ARG(part->name));
        if (part->media_type.len > 0)
            buffer_printf(out, "%.*s %.*s ", TEXT_ARG(part->media_type), TEXT_ARG(part->data));
        buffer_printf(out, "%.*s%.*s}", TEXT_ARG(part->text), TEXT_ARG(part->detail));
    }
}

static void put_messages(struct buffer *out, const char *mark, const struct chat_message *messages,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_printf(out, " %s%s:%.*s", mark, chat_role_name(messages[i].role),
                      TEXT_ARG(messages[i].text));
        put_parts(out, messages[i].parts, messages[i].part_count);
    }
}

static void put_tools(struct buffer *out, const struct call_body *body)
{
    static const char *const choices[] = {"", " auto", " none", " required", " "};

    for (size_t i = 0; i < body->tool_count; i++) {
        const struct chat_tool *tool = &body->tools[i];

        buffer_printf(out, " tool=%.*s(%.*s)%s", TEXT_ARG(tool->name), TEXT_ARG(tool->description),
                      tool->strict ? "!" : "");
        if (tool->parameters != NULL)
            json_put_cell(out, tool->parameters, tool->parameters_at);
    }
    buffer_printf(out, "%s%.*s%s", choices[body->choice], TEXT_ARG(body->choice_name),
                  body->one_call ? " one-call" : "");
}

/* What became of a body, as one line a table can hold. */
static struct text told(const struct config *config, const struct surface *surface,
                        const char *slug, struct text bytes, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    static struct schema_cache *schemas;
    struct call_body body;
    struct error err = {0};

    if (schemas == NULL)
        schemas = schema_cache_new(NULL);
    if (!body_open(bytes, arena, &body, &err) ||
        !body_read(&body, surface, config_endpoint(config, text_of(slug)), schemas, arena, &err)) {
        schema_cache_return(schemas, body.output_held);
        EXPECT(err.code != ERROR_NONE && err.message[0] != '\0');
        buffer_printf(&out, "%s %s%s%s", error_row(err.code)->word, err.at,
                      err.hint[0] != '\0' ? " | " : "", err.hint);
        return buffer_text(&out);
    }
    json_put_cell(&out, body.input, body.input_at);
    put_parts(&out, body.parts, body.part_count);
    put_messages(&out, "<", body.earlier, body.earlier_count);
    put_messages(&out, ">", body.later, body.later_count);
    put_tools(&out, &body);
    buffer_printf(&out, "%s%s%s", body.stream ? " stream" : "",
                  body.session_off ? " no-session" : "",
                  body.input_as_text != NULL ? " or-text" : "");
    if (body.output_held != NULL) {
        buffer_put(&out, body.output_loose ? TEXT(" any") : TEXT(" schema="));
        if (!body.output_loose)
            json_put_cell(&out, body.output_document, body.output_at);
    }
    schema_cache_return(schemas, body.output_held);
    if (body.session_id.len > 0)
        buffer_printf(&out, " session=%.*s", TEXT_ARG(body.session_id));
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (body.params.json[param].len > 0)
            buffer_printf(&out, " %s=%.*s", chat_param_name((enum chat_param)param),
                          TEXT_ARG(body.params.json[param]));
    return buffer_text(&out);
}

struct row {
    const char *slug, *body, *told;
};

static void expect_rows(const struct surface *surface, const struct row *rows, size_t count)
{
    struct arena arena = {0};
    struct config *config = load(&arena);

    for (size_t i = 0; i < count; i++) {
        struct text got = told(config, surface, rows[i].slug, text_of(rows[i].body), &arena);

        if (!text_equal(got, text_of(rows[i].told)))
            fail_msg("%s %s\n  got      %.*s\n  expected %s", rows[i].slug, rows[i].body,
                     TEXT_ARG(got), rows[i].told);
    }
    config_free(config);
    arena_release(&arena);
}
#define EXPECT_ROWS(rows) expect_rows(&surface_slug, rows, sizeof rows / sizeof *rows)
#define EXPECT_CHAT(rows) expect_rows(&surface_chat, rows, sizeof rows / sizeof *rows)

/* clang-format off */
TEST(each_form_gives_the_input)
{
    static const struct row rows[] = {
        {"free", "{\"message\": \"hi\"}", "\"hi\""},
        {"free", "{\"message\": \"{\\\"a\\\": 1}\"}", "\"{\\\"a\\\": 1}\""},
        {"closed", "{\"message\": \"{\\\"a\\\": 1}\"}", "{\"a\":1} or-text"},
        {"string", "{\"message\": \"3\"}", "3 or-text"},
        {"string", "{\"message\": \"plain\"}", "\"plain\""},
        {"free", "{\"input\": [1, {\"x\": null}]}", "[1,{\"x\":null}]"},
        {"free", "{\"input\": \"t\", \"stream\": true}", "\"t\" stream"},
        {"free", "{\"variables\": {\"x\": 1}}", "{\"x\":1}"},
        {"free", "{\"variables\": 1}", "invalid_request /variables"},
        {"closed", "{\"a\": 1}", "{\"a\":1}"},
        {"closed", "{}", "{}"},
        {"closed", "{\"unknown\": 1}", "{\"unknown\":1}"}, /* for the schema to refuse */
    };
    EXPECT_ROWS(rows);
}

TEST(a_body_without_a_form_is_told_the_forms)
{
    static const struct row rows[] = {
        {"free", "{}", "invalid_request  | send {\"message\": \"...\"}, {\"messages\": [...]} or {\"input\": ...}"},
        {"string", "{\"text\": \"x\"}", "invalid_request  | send {\"message\": \"...\"}, {\"messages\": [...]} or {\"input\": ...}"},
        {"free", "[]", "invalid_request "},
        {"free", "\"hi\"", "invalid_request "},
        {"free", "{\"message\": 1}", "invalid_request /message"},
        {"free", "{\"message\": \"x\", \"input\": 1}", "invalid_request /input"},
        {"free", "{\"message\": \"x\", \"messages\": []}", "invalid_request /message"},
        {"free", "{\"input\": {}, \"variables\": {}}", "invalid_request /variables"},
    };
    EXPECT_ROWS(rows);
}

TEST(control_fields_stand_beside_the_input)
{
    static const struct row rows[] = {
        {"free", "{\"message\": \"x\", \"stream\": true, \"session\": false, \"metadata\": {\"k\": [1]}}", "\"x\" stream no-session"},
        {"free", "{\"message\": \"x\", \"session_id\": \"ses_1\", \"stream\": null}", "\"x\" session=ses_1"},
        {"free", "{\"message\": \"x\", \"stream\": 1}", "invalid_request /stream"},
        {"free", "{\"message\": \"x\", \"session_id\": 1}", "invalid_request /session_id"},
        {"free", "{\"message\": \"x\", \"session\": null}", "invalid_request /session"},
        {"free", "{\"message\": \"x\", \"metadata\": []}", "invalid_request /metadata"},
        {"free", "{\"message\": \"x\", \"tools\": []}", "parameter_not_allowed /tools | the endpoint's author can allow them: allow: [tools, tool_choice]"},
        {"free", "{\"message\": \"x\", \"tool_choice\": \"none\"}", "parameter_not_allowed /tool_choice"},
        {"open", "{\"list\": [[1, 2], {\"a\": [3]}], \"stream\": true, \"after\": {\"b\": [4]}}", "{\"list\":[[1,2],{\"a\":[3]}],\"after\":{\"b\":[4]}} stream"},
        {"open", "{\"metadata\": {\"deep\": [1, [2]]}, \"a\": [{}, []]}", "{\"a\":[{},[]]}"},
        {"open", "{\"session\": false}", "{} no-session"},
        {"open", "{\"stream\": \"yes\"}", "invalid_request /stream"},
    };
    EXPECT_ROWS(rows);
}

TEST(in_the_bare_object_the_schemas_names_win)
{
    static const struct row rows[] = {
        {"closed", "{\"stream\": \"Rhine\", \"seed\": 3, \"session\": false}", "{\"stream\":\"Rhine\",\"seed\":3} no-session"},
        {"closed", "{\"input\": {\"stream\": \"Rhine\"}, \"stream\": true}", "{\"stream\":\"Rhine\"} stream"},
        {"named", "{\"message\": \"x\"}", "{\"message\":\"x\"}"},
        {"named", "{\"messages\": 1, \"input\": 2, \"variables\": 3, \"stream\": true}", "{\"messages\":1,\"input\":2,\"variables\":3} stream"},
    };
    EXPECT_ROWS(rows);
}

TEST(parameters_are_taken_where_the_endpoint_allows_them)
{
    static const struct row rows[] = {
        {"open", "{\"input\": 1, \"temperature\": 0.50}", "1 temperature=0.50"},
        {"open", "{\"x\": 1, \"temperature\": 1e0, \"stop\": [\"a\", \"b\"]}", "{\"x\":1} temperature=1e0 stop=[\"a\",\"b\"]"},
        {"open", "{\"x\": 1, \"max_tokens\": 5}", "{\"x\":1,\"max_tokens\":5}"}, /* only a name here */
        {"open", "{\"input\": 1, \"max_tokens\": 5}", "parameter_not_allowed /max_tokens"},
        {"free", "{\"message\": \"x\", \"temperature\": 0}", "parameter_not_allowed /temperature"},
        {"open", "{\"input\": 1, \"temperature\": 2.1}", "invalid_request /temperature"},
        {"open", "{\"input\": 1, \"temperature\": 1e400}", "invalid_request /temperature"},
        {"open", "{\"input\": 1, \"temperature\": \"1\"}", "invalid_request /temperature"},
        {"open", "{\"input\": 1, \"seed\": 1.0}", "invalid_request /seed"},
        {"open", "{\"input\": 1, \"stop\": \"x\"}", "1 stop=\"x\""},
        {"open", "{\"input\": 1, \"stop\": [\"a\", \"b\", \"c\", \"d\", \"e\"]}", "invalid_request /stop"},
        {"open", "{\"input\": 1, \"stop\": [[\"a\"]]}", "invalid_request /stop"},
        {"open", "{\"input\": 1, \"reasoning_effort\": 1}", "invalid_request /reasoning_effort"},
    };
    EXPECT_ROWS(rows);
}

TEST(an_unknown_field_is_refused_with_the_nearest_name)
{
    static const struct row rows[] = {
        {"free", "{\"mesage\": \"x\", \"message\": \"y\"}", "unknown_field /mesage | did you mean 'message'?"},
        {"free", "{\"input\": 1, \"steam\": true}", "unknown_field /steam | did you mean 'stream'?"},
        {"free", "{\"input\": 1, \"model\": \"gpt-5\"}", "unknown_field /model"},
        {"free", "{\"input\": 1, \"a/b~c\": 1}", "unknown_field /a~1b~0c"},
    };
    EXPECT_ROWS(rows);
}

TEST(of_messages_the_last_one_is_the_input)
{
    static const struct row rows[] = {
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}, {\"role\": \"assistant\", \"content\": \"b\"}, {\"role\": \"user\", \"content\": \"c\"}]}", "\"c\" <user:a <assistant:b"},
        {"closed", "{\"messages\": [{\"role\": \"user\", \"content\": \"{\\\"a\\\":1}\"}], \"stream\": true}", "{\"a\":1} stream or-text"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"name\": \"n\", \"content\": [{\"type\": \"text\", \"text\": \"a\"}, {\"type\": \"text\", \"text\": \"b\"}]}]}", "\"ab\""},
        {"free", "{\"messages\": []}", "invalid_request /messages"},
        {"free", "{\"messages\": {}}", "invalid_request /messages"},
        {"free", "{\"messages\": [1]}", "invalid_request /messages/0"},
        {"free", "{\"messages\": [{}]}", "invalid_request /messages/0"},
        {"free", "{\"messages\": [{\"role\": \"user\"}]}", "invalid_request /messages/0"},
        {"free", "{\"messages\": [{\"role\": 1, \"content\": \"\"}]}", "invalid_request /messages/0"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": null}]}", "invalid_request /messages/0/content"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"audio\"}]}]}", "invalid_request /messages/0/content/0"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": [\"x\"]}]}", "invalid_request /messages/0/content/0"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"\", \"tool_calls\": []}]}", "unknown_field /messages/0/tool_calls"},
        {"free", "{\"messages\": [{\"role\": \"assistant\", \"content\": \"x\"}]}", "invalid_request /messages"},
    };
    EXPECT_ROWS(rows);
}

#define USER_SAYS(content) "{\"messages\": [{\"role\": \"user\", \"content\": [" content "]}]}"
#define IMAGE(inside)      "{\"type\": \"image_url\", \"image_url\": {" inside "}}"

TEST(images_are_taken_by_https_and_as_base64)
{
    static const struct row rows[] = {
        {"free", USER_SAYS("{\"type\": \"text\", \"text\": \"What is \"}, " IMAGE("\"url\": \"https://x.org/a.png\"") ", {\"type\": \"text\", \"text\": \"this?\"}"), "\"What is this?\"{What is }{https://x.org/a.png}{this?}"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png;base64,iVBORw0=\", \"detail\": \"low\"")), "\"\"{image/png iVBORw0= low}"},
        {"free", USER_SAYS(IMAGE("\"url\": \"DATA:IMAGE/JPEG;BASE64,/9j/\"")), "\"\"{image/jpeg /9j/ }"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/webp;base64,aa+/\"") "," IMAGE("\"url\": \"data:image/gif;base64,aa==\"")), "\"\"{image/webp aa+/ }{image/gif aa== }"},
        {"closed", USER_SAYS(IMAGE("\"url\": \"https://x.org/\"") ", {\"type\": \"text\", \"text\": \"{\\\"a\\\": 1}\"}"), "{\"a\":1}{https://x.org/}{{\"a\": 1}} or-text"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": [" IMAGE("\"url\": \"https://x.org/\"") "]}, {\"role\": \"user\", \"content\": \"x\"}]}", "\"x\" <user:{https://x.org/}"},
    };
    EXPECT_ROWS(rows);
}

TEST(an_image_that_no_provider_would_take_is_refused_with_its_place)
{
    static const struct row rows[] = {
        {"free", USER_SAYS("{\"type\": \"image_url\"}"), "invalid_request /messages/0/content/0"},
        {"free", USER_SAYS("{\"type\": \"image_url\", \"image_url\": \"https://x.org/\"}"), "invalid_request /messages/0/content/0/image_url"},
        {"free", USER_SAYS(IMAGE("")), "invalid_request /messages/0/content/0/image_url"},
        {"free", USER_SAYS(IMAGE("\"url\": 1")), "invalid_request /messages/0/content/0/image_url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"https://x.org/\", \"size\": 1")), "unknown_field /messages/0/content/0/image_url/size"},
        {"free", USER_SAYS(IMAGE("\"url\": \"https://x.org/\", \"detail\": \"best\"")), "invalid_request /messages/0/content/0/image_url/detail"},
        {"free", USER_SAYS(IMAGE("\"url\": \"http://x.org/\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"https://\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"https:///a\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"https://x.org/ a\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"file:///etc/passwd\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/svg+xml;base64,aaaa\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png,aaaa\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png;base64,\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png;base64,aaa\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png;base64,a=aa\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", USER_SAYS(IMAGE("\"url\": \"data:image/png;base64,aa-_\"")), "invalid_request /messages/0/content/0/image_url/url"},
        {"free", "{\"messages\": [{\"role\": \"assistant\", \"content\": [" IMAGE("\"url\": \"https://x.org/\"") "]}, {\"role\": \"user\", \"content\": \"x\"}]}", "invalid_request /messages/0/content/0"},
    };
    EXPECT_ROWS(rows);
}

#define WITH_TOOLS(tools) "{\"message\": \"x\", \"tools\": [" tools "]}"
#define FUNCTION(inside)  "{\"type\": \"function\", \"function\": {" inside "}}"

TEST(tools_are_taken_where_the_endpoint_allows_them)
{
    static const struct row rows[] = {
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\"")), "\"x\" tool=a()"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"get_it-2\", \"description\": \"Gets it.\", \"strict\": true, \"parameters\": {\"type\": \"object\", \"properties\": {\"n\": {\"type\": \"integer\"}}}")), "\"x\" tool=get_it-2(Gets it.)!{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}"},
        {"tools", WITH_TOOLS("{\"type\": \"function\", \"name\": \"flat\", \"description\": \"d\", \"parameters\": null, \"strict\": null}"), "\"x\" tool=flat(d)"},
        {"tools", "{\"parallel_tool_calls\": false, \"tool_choice\": \"required\", \"tools\": [" FUNCTION("\"name\": \"a\"") "], \"message\": \"x\"}", "\"x\" tool=a() required one-call"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": {\"type\": \"function\", \"function\": {\"name\": \"a\"}}, \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "\"x\" tool=a() a"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": {\"type\": \"function\", \"name\": \"a\"}, \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "\"x\" tool=a() a"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": \"none\", \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "\"x\" tool=a() none"},
        {"typed-tools", "{\"tools\": [1]}", "{\"tools\":[1]}"}, /* the schema's own name */
        {"typed-tools", "{\"input\": {\"tools\": 1}, \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "{\"tools\":1} tool=a()"},
        {"free", WITH_TOOLS(""), "parameter_not_allowed /tools | the endpoint's author can allow them: allow: [tools, tool_choice]"},
        {"free", "{\"message\": \"x\", \"parallel_tool_calls\": true}", "parameter_not_allowed /parallel_tool_calls | the endpoint's author can allow them: allow: [tools, tool_choice]"},
        {"typed-tools", "{\"input\": {}, \"tool_choice\": \"auto\", \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "parameter_not_allowed /tool_choice"},
    };
    EXPECT_ROWS(rows);
}

TEST(a_tool_that_no_provider_would_take_is_refused_with_its_place)
{
    static const struct row rows[] = {
        {"tools", "{\"message\": \"x\", \"tools\": {}}", "invalid_request /tools"},
        {"tools", WITH_TOOLS(""), "invalid_request /tools"},
        {"tools", WITH_TOOLS("1"), "invalid_request /tools/0"},
        {"tools", WITH_TOOLS("{\"type\": \"web_search\"}"), "invalid_request /tools/0"},
        {"tools", WITH_TOOLS("{\"type\": \"function\", \"function\": 1}"), "invalid_request /tools/0"},
        {"tools", WITH_TOOLS("{\"type\": \"function\", \"function\": {\"name\": \"a\"}, \"x\": 1}"), "unknown_field /tools/0/x"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"x\": 1")), "unknown_field /tools/0/function/x"},
        {"tools", WITH_TOOLS(FUNCTION("\"description\": \"d\"")), "invalid_request /tools/0/function"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"\"")), "invalid_request /tools/0/function/name"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a b\"")), "invalid_request /tools/0/function/name"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")), "invalid_request /tools/0/function/name"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\"") "," FUNCTION("\"name\": \"a\"")), "invalid_request /tools/1/function/name"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"description\": 1")), "invalid_request /tools/0/function/description"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"strict\": \"yes\"")), "invalid_request /tools/0/function/strict"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"parameters\": true")), "invalid_request /tools/0/function/parameters"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"parameters\": {}")), "invalid_request /tools/0/function/parameters"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"parameters\": {\"type\": \"string\"}")), "invalid_request /tools/0/function/parameters/type"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"parameters\": {\"type\": \"object\", \"properties\": {\"n\": {\"type\": \"int\"}}}")), "invalid_request /tools/0/function/parameters/properties/n/type | types are null, boolean, integer, number, string, array and object"},
        {"tools", WITH_TOOLS(FUNCTION("\"name\": \"a\", \"parameters\": {\"type\": \"object\", \"$ref\": \"https://x.org/y\"}")), "invalid_request /tools/0/function/parameters/$ref | nothing outside this schema is read: put that schema into '$defs' and refer to '#/$defs/...'"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": \"auto\"}", "invalid_request /tool_choice"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": \"any\", \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "invalid_request /tool_choice"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": {\"type\": \"function\"}, \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "invalid_request /tool_choice"},
        {"tools", "{\"message\": \"x\", \"tool_choice\": {\"type\": \"function\", \"name\": \"b\"}, \"tools\": [" FUNCTION("\"name\": \"a\"") "]}", "invalid_request /tool_choice"},
        {"tools", "{\"message\": \"x\", \"parallel_tool_calls\": 1}", "invalid_request /parallel_tool_calls"},
    };
    EXPECT_ROWS(rows);
}

#define TALK(rest)              "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, " rest "]}"
#define CALLS(calls)            "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [" calls "]}"
#define CALL(id)                "{\"id\": \"" id "\", \"type\": \"function\", \"function\": {\"name\": \"get\", \"arguments\": \"{}\"}}"
#define RESULT(id)              "{\"role\": \"tool\", \"tool_call_id\": \"" id "\", \"content\": \"ok\"}"
#define USER                    "{\"role\": \"user\", \"content\": \"so?\"}"

TEST(calls_and_their_results_stand_behind_the_input)
{
    static const struct row rows[] = {
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("1")), "\"hi\" >assistant:{1 get {}} >tool:ok{1 get ok}"},
        {"tools", TALK(CALLS(CALL("1") "," CALL("2")) "," RESULT("2") "," RESULT("1")), "\"hi\" >assistant:{1 get {}}{2 get {}} >tool:ok{2 get ok} >tool:ok{1 get ok}"},
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("1") "," CALLS(CALL("1")) "," RESULT("1")), "\"hi\" >assistant:{1 get {}} >tool:ok{1 get ok} >assistant:{1 get {}} >tool:ok{1 get ok}"},
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("1") "," USER), "\"so?\" <user:hi <assistant:{1 get {}} <tool:ok{1 get ok}"},
        /* as the answer's envelope has them */
        {"tools", TALK("{\"role\": \"assistant\", \"content\": \"Wait.\", \"tool_calls\": [{\"id\": \"1\", \"name\": \"get\", \"arguments\": {\"a\": [1, 2]}}]}," RESULT("1")), "\"hi\" >assistant:Wait.{Wait.}{1 get {\"a\":[1,2]}} >tool:ok{1 get ok}"},
        {"tools", TALK("{\"role\": \"assistant\", \"content\": \"No.\", \"tool_calls\": []}," USER), "\"so?\" <user:hi <assistant:No."},
        {"tools", TALK(CALLS(CALL("1")) ", {\"role\": \"tool\", \"tool_call_id\": \"1\", \"content\": [{\"type\": \"text\", \"text\": \"o\"}, {\"type\": \"text\", \"text\": \"k\"}]}"), "\"hi\" >assistant:{1 get {}} >tool:ok{1 get ok}"},
        {"tools", "{\"messages\": [" USER "]}", "\"so?\""},
    };
    EXPECT_ROWS(rows);
}

TEST(calls_and_results_that_do_not_match_are_refused_with_their_place)
{
    static const struct row rows[] = {
        {"tools", TALK(CALLS(CALL("1"))), "invalid_request /messages/1/tool_calls/0"},
        {"tools", TALK(CALLS(CALL("1") "," CALL("2")) "," RESULT("1")), "invalid_request /messages/1/tool_calls/1"},
        {"tools", TALK(CALLS(CALL("1")) "," USER), "invalid_request /messages/1/tool_calls/0"},
        {"tools", TALK(CALLS(CALL("1") "," CALL("1")) "," RESULT("1")), "invalid_request /messages/1/tool_calls/1/id"},
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("1") "," RESULT("1")), "invalid_request /messages/3/tool_call_id"},
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("2")), "invalid_request /messages/2/tool_call_id"},
        {"tools", TALK(RESULT("1")), "invalid_request /messages/1/tool_call_id"},
        {"tools", TALK(CALLS(CALL("1")) "," RESULT("1") "," USER "," RESULT("1")), "invalid_request /messages/4/tool_call_id"},
        {"tools", TALK(CALLS(CALL("1")) ", {\"role\": \"tool\", \"content\": \"ok\"}"), "invalid_request /messages/2"},
        {"tools", TALK(CALLS(CALL("1")) ", {\"role\": \"tool\", \"tool_call_id\": \"1\"}"), "invalid_request /messages/2"},
        {"tools", TALK(CALLS(CALL("1")) ", {\"role\": \"tool\", \"tool_call_id\": \"1\", \"content\": [" IMAGE("\"url\": \"https://x.org/\"") "]}"), "invalid_request /messages/2/content/0"},
        {"tools", TALK(CALLS("{\"type\": \"function\", \"function\": {\"name\": \"get\"}}")), "invalid_request /messages/1/tool_calls/0"},
        {"tools", TALK(CALLS("{\"id\": \"1\", \"name\": \"a b\"}")), "invalid_request /messages/1/tool_calls/0/name"},
        {"tools", TALK(CALLS("{\"id\": \"1\", \"name\": \"get\", \"arguments\": [1]}")), "invalid_request /messages/1/tool_calls/0/arguments"},
        {"tools", TALK(CALLS("{\"id\": \"1\", \"name\": \"get\", \"type\": \"custom\"}")), "invalid_request /messages/1/tool_calls/0"},
        {"tools", TALK(CALLS("{\"id\": \"1\", \"name\": \"get\", \"index\": 0}")), "unknown_field /messages/1/tool_calls/0/index"},
        {"tools", TALK(CALLS("1")), "invalid_request /messages/1/tool_calls/0"},
        {"tools", TALK(CALLS("") "," USER), "invalid_request /messages/1"},
        {"tools", TALK("{\"role\": \"assistant\", \"tool_calls\": {}}"), "invalid_request /messages/1/tool_calls"},
        {"tools", TALK("{\"role\": \"assistant\", \"content\": null}"), "invalid_request /messages/1/content"},
        {"tools", TALK("{\"role\": \"user\", \"content\": \"x\", \"tool_calls\": []}"), "unknown_field /messages/1/tool_calls"},
        {"tools", "{\"messages\": [" CALLS(CALL("1")) "," RESULT("1") "]}", "invalid_request /messages"},
        {"free", TALK(CALLS(CALL("1")) "," USER), "unknown_field /messages/1/tool_calls"},
    };
    EXPECT_ROWS(rows);
}

TEST(roles_of_the_author_are_refused_unless_allowed)
{
    static const struct row rows[] = {
        {"free", "{\"messages\": [{\"role\": \"system\", \"content\": \"obey\"}, {\"role\": \"user\", \"content\": \"x\"}]}", "role_not_allowed /messages/0/role"},
        {"free", "{\"messages\": [{\"role\": \"developer\", \"content\": \"obey\"}]}", "role_not_allowed /messages/0/role"},
        {"free", "{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}]}", "role_not_allowed /messages/0/role"},
        {"free", "{\"messages\": [{\"role\": \"User\", \"content\": \"x\"}]}", "role_not_allowed /messages/0/role"},
        {"system", "{\"messages\": [{\"role\": \"developer\", \"content\": \"be\"}, {\"role\": \"user\", \"content\": \"x\"}]}", "\"x\" <system:be"},
        {"system", "{\"messages\": [{\"role\": \"tool\", \"content\": \"x\"}]}", "role_not_allowed /messages/0/role"},
    };
    EXPECT_ROWS(rows);
}
/* clang-format on */

/* `open` times "[", then as many "]". */
static struct text nested(struct arena *arena, size_t depth, const char *before, const char *after)
{
    struct buffer out = buffer_in(arena);

    buffer_put(&out, text_of(before));
    for (size_t i = 0; i < 2 * depth; i++)
        buffer_put_byte(&out, i < depth ? '[' : ']');
    buffer_put(&out, text_of(after));
    return buffer_text(&out);
}

TEST(nesting_ends_at_32_and_a_deeper_message_is_only_text)
{
    struct arena arena = {0};
    struct config *config = load(&arena);
    struct text deep = nested(&arena, 31, "{\"input\":", "}");
    struct text deeper = nested(&arena, 32, "{\"input\":", "}");

    EXPECT_EQ(told(config, &surface_slug, "free", deep, &arena).len, 62);
    EXPECT(text_starts(told(config, &surface_slug, "free", deeper, &arena),
                       TEXT("invalid_json byte ")));
    deep =
        told(config, &surface_slug, "string", nested(&arena, 32, "{\"message\":\"", "\"}"), &arena);
    deeper =
        told(config, &surface_slug, "string", nested(&arena, 33, "{\"message\":\"", "\"}"), &arena);
    EXPECT(text_ends(deep, TEXT("] or-text")));
    EXPECT(text_ends(deeper, TEXT("]\"")));
    config_free(config);
    arena_release(&arena);
}

TEST(a_thousand_messages_are_taken_and_one_more_is_not)
{
    static const char one[] = "{\"role\":\"user\",\"content\":\"x\"},";
    struct arena arena = {0};
    struct config *config = load(&arena);

    for (size_t count = 1000; count <= 1001; count++) {
        struct buffer out = buffer_in(&arena);
        struct text got;

        buffer_put(&out, TEXT("{\"messages\":["));
        for (size_t i = 0; i < count; i++)
            buffer_put(&out,
                       i + 1 < count ? text_of(one) : text_first(text_of(one), sizeof one - 2));
        buffer_put(&out, TEXT("]}"));
        got = told(config, &surface_slug, "free", buffer_text(&out), &arena);
        EXPECT(text_starts(got, count == 1000 ? TEXT("\"x\" <user:x") : TEXT("invalid_request")));
    }
    config_free(config);
    arena_release(&arena);
}

TEST(chat_completions_are_read_as_their_clients_write_them)
{
    static const struct row rows[] = {
        {"free", "{\"model\": \"free\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}",
         "\"hi\""},
        {"free",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\", \"name\": \"a\"}], "
         "\"temperature\": null, \"user\": \"u\", \"n\": 1, \"logprobs\": false, \"anything\": {}, "
         "\"stream\": true, \"stream_options\": {\"include_usage\": true}, \"modalities\": "
         "[\"text\"]}",
         "\"hi\" stream"},
        {"open",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"{}\"}], \"temperature\": 1, "
         "\"reasoning_effort\": \"low\"}",
         "{} or-text temperature=1 reasoning_effort=\"low\""},
        {"formed",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], "
         "\"max_completion_tokens\": 5}",
         "\"hi\" max_tokens=5"},
        {"formed",
         "{\"messages\": [{\"role\": \"developer\", \"content\": \"be\"}, {\"role\": "
         "\"user\", \"content\": [{\"type\": \"text\", \"text\": \"hi\", "
         "\"cache_control\": {}}]}]}",
         "\"hi\" <system:be"},
        {"formed",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": \"assistant\", "
         "\"content\": null, \"refusal\": null, \"annotations\": [], \"tool_calls\": [{\"id\": "
         "\"c\", "
         "\"type\": \"function\", \"index\": 0, \"function\": {\"name\": \"f\", \"arguments\": "
         "\"{}\"}}]}, {\"role\": \"tool\", \"tool_call_id\": \"c\", \"content\": \"42\"}]}",
         "\"hi\" >assistant:{c f {}} >tool:42{c f 42}"},
        {"formed",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": "
         "\"assistant\", \"content\": \"ho\", \"tool_calls\": null}, {\"role\": \"user\", "
         "\"content\": \"again\"}]}",
         "\"again\" <user:hi <assistant:ho"},
        {"free", "{\"model\": \"free\"}", "invalid_request /messages"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"n\": 2}",
         "parameter_not_allowed /n"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"logprobs\": true}",
         "parameter_not_allowed /logprobs"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"temperature\": 1}",
         "parameter_not_allowed /temperature"},
        {"free", "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"functions\": [{}]}",
         "parameter_not_allowed /functions | send 'tools' and 'tool_choice'"},
        {"free",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"stream_options\": 1}",
         "invalid_request /stream_options"},
        {"free",
         "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}, {\"role\": "
         "\"assistant\", \"tool_calls\": []}]}",
         "parameter_not_allowed /messages/1/tool_calls"},
        {"free", "{\"messages\": [{\"role\": \"system\", \"content\": \"no\"}]}",
         "role_not_allowed /messages/0/role"},
    };

    EXPECT_CHAT(rows);
}

#define ASK "{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"}], \"response_format\": "

TEST(a_caller_brings_a_schema_where_the_endpoint_lets_it)
{
    static const struct row rows[] = {
        {"free", ASK "{\"type\": \"text\"}}", "\"hi\""},
        {"formed", ASK "{\"type\": \"json_object\"}}", "\"hi\" any"},
        {"formed",
         ASK "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\", \"strict\": true, "
             "\"schema\": {\"type\": \"object\"}}}}",
         "\"hi\" schema={\"type\":\"object\"}"},
        {"formed", ASK "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\"}}}",
         "\"hi\" any"},
        {"fitting",
         ASK "{\"type\": \"json_schema\", \"json_schema\": {\"schema\": {\"type\": \"string\"}}}}",
         "\"hi\""},
        {"free", ASK "{\"type\": \"json_object\"}}",
         "parameter_not_allowed /response_format | the endpoint's author can allow it (allow: "
         "[response_format]), or give the endpoint an output_schema"},
        {"formed", ASK "{\"type\": \"xml\"}}", "invalid_request /response_format/type"},
        {"formed", ASK "{}}", "invalid_request /response_format"},
        {"formed", ASK "{\"type\": \"json_schema\"}}", "invalid_request /response_format"},
        {"formed", ASK "{\"type\": \"json_schema\", \"json_schema\": {\"schema\": 7}}}",
         "invalid_request /response_format/json_schema/schema"},
    };

    EXPECT_CHAT(rows);
}

TEST(the_callers_words_are_all_strings_but_no_names_the_longest_first)
{
    struct arena arena = {0};
    struct config *config = load(&arena);
    struct call_body body;

    EXPECT(
        body_open(TEXT("{\"k\": \"b\", \"l\": [\"longest\", {\"m\": \"c\"}, 4], \"stream\": true, "
                       "\"metadata\": {\"n\": \"not input\"}}"),
                  &arena, &body, NULL) &&
        body_read(&body, &surface_slug, config_endpoint(config, TEXT("open")), NULL, &arena, NULL));
    EXPECT_TEXT(body.caller_text, "longest\nb\nc");
    config_free(config);
    arena_release(&arena);
}
