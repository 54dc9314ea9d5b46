#include "catalog/client.h"

#include "config/load.h"
#include "memory_folder.h"
#include "unit.h"

static struct arena arena;

/* The client of an endpoint with that input schema, in JSON. */
static struct text client_of(const char *schema, enum client_language language)
{
    static const struct config_options options = {0};
    struct memory_file files[2] = {
        {"endpoints/e-1.yaml",
         TEXT("description: \"*/ \\\"\\\"\\\" \\\\ end\"\nprovider: demo\nmodel: demo-1\n"
              "system: x\ninput_schema: schemas/in.json\n")},
        {"schemas/in.json", text_of(schema)},
    };
    struct memory_folder folder = memory_folder(files, 2, "");
    struct diagnostics diagnostics = {.arena = &arena};
    struct config *config = config_load_from(&folder.folder, TEXT("."), &options, &diagnostics);
    struct buffer out = buffer_in(&arena);

    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    client_write(&config->endpoints[0], language, TEXT("https://e.example"), TEXT("{}"), &arena,
                 &out);
    config_free(config);
    return buffer_text(&out);
}

static void expect_in(struct text whole, const char *part)
{
    if (text_find(whole, text_of(part)) == whole.len)
        fail_msg("there is no %s in %.*s", part, TEXT_ARG(text_first(whole, 3000)));
}

TEST(what_a_schema_says_is_a_type)
{
    static const char schema[] =
        "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]},"
        "\"b-c\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/d\"}},"
        "\"e\":{\"enum\":[\"x\",1,true,null]},\"f\":{\"const\":\"y\"},"
        "\"g\":{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"object\"}]},"
        "\"h\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"}},\"i\":true},"
        "\"required\":[\"a\"],\"$defs\":{\"d\":{\"type\":\"number\"}}}";
    struct text ts = client_of(schema, CLIENT_TS), python = client_of(schema, CLIENT_PYTHON);

    expect_in(ts, "  a: (string | null);\n");
    expect_in(ts, "  \"b-c\"?: Array<Input_d>;\n");
    expect_in(ts, "  e?: (\"x\" | 1 | true | null);\n");
    expect_in(ts, "  f?: \"y\";\n");
    expect_in(ts, "  g?: (number | { [name: string]: unknown });\n");
    expect_in(ts, "  h?: { [name: string]: boolean };\n");
    expect_in(ts, "  i?: unknown;\n");
    expect_in(ts, "export type Input_d = number;\n");
    expect_in(python, "    \"a\": \"Required[Union[str, None]]\",\n");
    expect_in(python, "    \"b-c\": \"List[Input_d]\",\n");
    expect_in(python, "Union[Literal[\\\"x\\\"], Literal[1], Literal[True], None]");
    expect_in(python, "    \"h\": \"Dict[str, bool]\",\n");
    expect_in(python, "Input_d: TypeAlias = \"float\"\n");
    arena_release(&arena);
}

TEST(schemas_that_hold_together_are_an_intersection)
{
    static const char schema[] =
        "{\"allOf\":[{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}},"
        "{\"properties\":{\"b\":{\"type\":\"array\",\"prefixItems\":[{\"type\":\"number\"}],"
        "\"items\":false}}}]}";

    expect_in(client_of(schema, CLIENT_TS), "export type Input = ({\n  a?: string;\n} & {\n"
                                            "  b?: [(number)?, ];\n});\n");
    arena_release(&arena);
}

TEST(texts_of_authors_end_no_comment_and_no_string)
{
    static const char schema[] = "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\","
                                 "\"description\":\"x */ y\\nz\"}}}";

    expect_in(client_of(schema, CLIENT_TS), "  /** x * / y z */\n  a?: string;\n");
    expect_in(client_of(schema, CLIENT_TS), "/** * / \"\"\" \\ end */\nexport class E_1Client {\n");
    expect_in(client_of(schema, CLIENT_PYTHON), "    # x * / y z\n    a: str\n");
    expect_in(client_of(schema, CLIENT_PYTHON), "\"\"\"* / \\\"\\\"\\\" \\\\ end\n");
    arena_release(&arena);
}

TEST(an_input_with_a_member_of_that_name_is_sent_under_another)
{
    static const char one[] = "{\"type\":\"object\",\"properties\":{\"input\":{}}}";
    static const char both[] =
        "{\"type\":\"object\",\"properties\":{\"input\":{},\"variables\":{}}}";

    expect_in(client_of("{\"type\":\"object\"}", CLIENT_TS), "      input: input,\n");
    expect_in(client_of(one, CLIENT_TS), "      variables: input,\n");
    expect_in(client_of(one, CLIENT_PYTHON), "{\"variables\": input}");
    expect_in(client_of(both, CLIENT_TS), "      ...input,\n");
    expect_in(client_of(both, CLIENT_PYTHON), "{**input}");
    arena_release(&arena);
}
