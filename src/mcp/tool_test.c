#include "mcp/tool.h"

#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "unit.h"

#define BASE "provider: p\nmodel: gpt-4.1\nsystem: s\n"

static struct arena arena;
static struct config *config;
static struct document tool;

static void load(const char *endpoint)
{
    const struct memory_file files[] = {
        {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
        {"endpoints/it.yaml", arena_printf(&arena, BASE "%s", endpoint)},
        {"schemas/parts.json", TEXT_INIT("{\"definitions\":{\"name\":{\"type\":\"string\"}}}")},
    };
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct diagnostics diagnostics = {.arena = &arena};

    config = config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);
    EXPECT(config != NULL);
}

static void make(const char *endpoint, bool modern)
{
    struct tool made;

    load(endpoint);
    tool_make(&config->endpoints[0], &arena, &made);
    EXPECT(json_read(modern ? made.modern : made.legacy, NULL, &arena, &tool, NULL, NULL));
}

static void end(void)
{
    config_free(config);
    arena_release(&arena);
}

static struct text at(const char *pointer)
{
    uint32_t cell = document_at(&tool, 0, text_of(pointer));

    return cell != CELL_NONE && tool.cells[cell].type == CELL_STRING ? document_text(&tool, cell)
                                                                     : TEXT("nothing");
}

static bool has(const char *pointer)
{
    return document_at(&tool, 0, text_of(pointer)) != CELL_NONE;
}

TEST(an_endpoint_for_any_text_takes_one_argument)
{
    make("", true);
    EXPECT_TEXT(at("/name"), "it");
    EXPECT_TEXT(at("/inputSchema/type"), "object");
    EXPECT_TEXT(at("/inputSchema/properties/input/type"), "string");
    EXPECT_TEXT(at("/inputSchema/required/0"), "input");
    EXPECT(!has("/outputSchema"));
    EXPECT(!has("/inputSchema/properties/session_id"));
    end();
}

TEST(an_input_that_is_an_object_is_the_arguments)
{
    make("input_schema: {type: object, properties: {a: {$ref: "
         "\"schemas/parts.json#/definitions/name\"}}}\n",
         true);
    EXPECT_EQ(tool_form(&config->endpoints[0]), TOOL_BARE);
    EXPECT_TEXT(at("/inputSchema/$schema"), "https://json-schema.org/draft/2020-12/schema");
    EXPECT_TEXT(at("/inputSchema/properties/a/$ref"), "#/$defs/name");
    EXPECT_TEXT(at("/inputSchema/$defs/name/type"), "string");
    end();
}

TEST(another_input_is_an_argument_of_its_own)
{
    make("input_schema: {type: [string, object], maxLength: 3}\n", true);
    EXPECT_EQ(tool_form(&config->endpoints[0]), TOOL_INPUT);
    EXPECT(has("/inputSchema/properties/input/maxLength"));
    end();
}

TEST(sessions_add_an_argument_where_no_schema_can_refuse_it)
{
    make("session: {ttl: 1m}\ninput_schema: {type: object, properties: {a: {}}}\n", true);
    EXPECT(has("/inputSchema/properties/a") && has("/inputSchema/properties/session_id"));
    end();
    make("session: {ttl: 1m}\ninput_schema: {type: object}\n", true);
    EXPECT(has("/inputSchema/properties/session_id"));
    end();
    make("session: {ttl: 1m}\ninput_schema: {type: object, allOf: [{properties: {a: {}}}]}\n",
         true);
    EXPECT_EQ(tool_form(&config->endpoints[0]), TOOL_INPUT);
    EXPECT(has("/inputSchema/properties/input/allOf") && has("/inputSchema/properties/session_id"));
    end();
    make("session: {ttl: 1m}\ninput_schema: {type: object, properties: {session_id: {type: "
         "integer}}}\n",
         true);
    EXPECT(!tool_takes_session(&config->endpoints[0]));
    EXPECT_TEXT(at("/inputSchema/properties/session_id/type"), "integer");
    end();
}

TEST(an_output_that_need_not_be_an_object_has_no_schema_in_the_old_era)
{
    static const char list[] = "output_schema: {type: array, items: {type: integer}}\n";

    make(list, true);
    EXPECT_TEXT(at("/outputSchema/type"), "array");
    EXPECT(tool_is_structured(&config->endpoints[0], true));
    end();
    make(list, false);
    EXPECT(!has("/outputSchema"));
    EXPECT(!tool_is_structured(&config->endpoints[0], false));
    end();
    make("output_schema: {allOf: [{type: object}]}\n", false);
    EXPECT_TEXT(at("/outputSchema/type"), "object");
    end();
}

TEST(names_are_those_that_are_meant_for_models)
{
    make("description: For people.\nmcp: {name: do_it, title: Do it, description: For models.}\n",
         true);
    EXPECT_TEXT(at("/name"), "do_it");
    EXPECT_TEXT(at("/title"), "Do it");
    EXPECT_TEXT(at("/description"), "For models.");
    end();
    make("description: For people.\n", true);
    EXPECT_TEXT(at("/description"), "For people.");
    EXPECT(!has("/title"));
    end();
}
