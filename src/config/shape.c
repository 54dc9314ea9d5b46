/* One walk over the tables writes compact JSON; json-c then lays it out. Everything is written
 * where it stands, so that an editor shows it without following anything; only conditions, which
 * hold conditions, are a definition that is referred to. */
#include "config/shape.h"

#include "base/check.h"
#include "config/load.h"
#include "config/shape_parts.h"
#include "config/value.h"
#include "document/json_write.h"
#include "document/yaml_read.h"

#include <json-c/json.h>

static const struct {
    const char *name, *id, *title, *about;
} files[SHAPE_FILE_COUNT] = {
    [SHAPE_ENDPOINT] = {"endpoint", "urn:pinion:schema:endpoint", "Pinion endpoint",
                        "A file of endpoints/: a prompt, a model and two schemas under a name."},
    [SHAPE_ROUTING] = {"routing", "urn:pinion:schema:routing", "Pinion routing rules",
                       "A file of routing/: other targets for some calls. The first rule that "
                       "matches wins."},
    [SHAPE_TESTS] = {"tests", "urn:pinion:schema:tests", "Pinion tests",
                     "A file of tests/, named after the endpoint whose tests it holds."},
    [SHAPE_CONFIG] = {"config", "urn:pinion:schema:config", "Pinion settings",
                      "pinion.yaml: the process, and where calls can go."},
};

const char *shape_file_name(enum shape_file file)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    return files[file].name;
}

const char *shape_file_id(enum shape_file file)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    return files[file].id;
}

void shape_put_raw(struct buffer *out, const char *name, const char *json)
{
    json_put_name(out, name);
    buffer_put(out, text_of(json));
}

void shape_put_string(struct buffer *out, const char *name, const char *value)
{
    json_put_text(out, name, text_of(value));
}

/* An example is written as YAML, for manuals. */
void shape_put_example(struct buffer *out, const char *example)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document;
    struct text wrapped = arena_printf(&arena, "- %s\n", example);

    CHECK(yaml_read(wrapped, TEXT("example"), &arena, &document, &diagnostics) &&
          diagnostics.count == 0 && document_cell(&document, 0)->size == 1);
    json_put_name(out, "examples");
    json_put_cell(out, &document, 0);
    arena_release(&arena);
}

static void put_words(struct buffer *out, const struct text *words, size_t count)
{
    json_put_name(out, "enum");
    for (size_t i = 0; i < count; i++) {
        buffer_put_byte(out, i == 0 ? '[' : ',');
        json_put_string(out, words[i]);
    }
    buffer_put_byte(out, ']');
}

static size_t words_of(const struct key *key, struct text out_words[KEY_NAMES_MAX])
{
    size_t count = 0;

    if (key->names != NULL) {
        count = key->names(out_words);
        CHECK(count <= KEY_NAMES_MAX);
        return count;
    }
    for (; key->words != NULL && key->words[count] != NULL; count++) {
        CHECK(count < KEY_NAMES_MAX);
        out_words[count] = text_of(key->words[count]);
    }
    return count - key->unlisted;
}

/* Of strings: those the key holds, or those in its list. */
static void put_string_rules(struct buffer *out, const struct key *key)
{
    struct text words[KEY_NAMES_MAX];
    size_t count = words_of(key, words);

    if (count > 0)
        put_words(out, words, count);
    if (key->pattern != NULL)
        shape_put_string(out, "pattern", key->pattern);
}

static void put_types(struct buffer *out, unsigned types);

/* Words are of the strings only, whatever else may stand there. */
static void put_own_strings(struct buffer *out, const struct key *key)
{
    struct text words[KEY_NAMES_MAX];
    unsigned others = key->types & ~KEY_OF(CELL_STRING);

    if (others == 0 || words_of(key, words) == 0) {
        put_string_rules(out, key);
        return;
    }
    buffer_put(out, TEXT(",\"anyOf\":[{"));
    put_types(out, others);
    buffer_put(out, TEXT("},{"));
    put_string_rules(out, key);
    buffer_put(out, TEXT("}]"));
}

static void put_types(struct buffer *out, unsigned types)
{
    static const char *const names[CELL_TYPE_COUNT] = {
        [CELL_NULL] = "null",     [CELL_BOOLEAN] = "boolean", [CELL_INTEGER] = "integer",
        [CELL_NUMBER] = "number", [CELL_STRING] = "string",   [CELL_ARRAY] = "array",
        [CELL_OBJECT] = "object"};
    size_t count = 0;

    if (types & KEY_OF(CELL_NUMBER)) /* an integer is one */
        types &= ~KEY_OF(CELL_INTEGER);
    if ((types | KEY_OF(CELL_INTEGER)) == KEY_OF(CELL_TYPE_COUNT) - 1)
        return;
    json_put_name(out, "type");
    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++)
        if (types & KEY_OF(type)) {
            buffer_put(out, count++ == 0 ? TEXT("[") : TEXT(","));
            json_put_string(out, text_of(names[type]));
        }
    buffer_put_byte(out, ']');
}

static void put_bounds(struct buffer *out, const struct key *key)
{
    static const double most = 1e15; /* beyond which a bound is none that anybody would meet */

    if (key->least == 0 && key->greatest == 0) {
        if (key->type == KEY_COUNT)
            shape_put_raw(out, "minimum", "0");
        return;
    }
    if (key->least < -most || key->greatest > most)
        return;
    json_put_name(out, "minimum");
    buffer_printf(out, "%.15g", key->least);
    json_put_name(out, "maximum");
    buffer_printf(out, "%.15g", key->greatest);
}

/* What each item of a list or value of a mapping is. */
static void put_each(struct buffer *out, const struct key *key)
{
    bool list = key->types & KEY_OF(CELL_ARRAY);
    bool strings = key->words != NULL && key->types == KEY_OF(CELL_ARRAY);

    if (list && key->items_least > 0)
        json_put_count(out, "minItems", key->items_least);
    if (list && key->items_most > 0)
        json_put_count(out, "maxItems", key->items_most);
    if (key->each == NULL && key->each_types == 0 && !strings)
        return;
    json_put_name(out, list ? "items" : "additionalProperties");
    buffer_put_byte(out, '{');
    if (key->each != NULL) {
        if (key->each_types != 0)
            put_types(out, key->each_types | KEY_OF(CELL_OBJECT));
        else
            shape_put_raw(out, "type", "\"object\"");
        shape_put_keys(out, key->each);
    } else {
        put_types(out, strings ? KEY_OF(CELL_STRING) : key->each_types);
        if (strings || key->pattern != NULL)
            put_string_rules(out, key);
    }
    buffer_put_byte(out, '}');
}

static void put_cell(struct buffer *out, const struct key *key)
{
    if (key->shape == SHAPE_RULES) {
        shape_put_raw(out, "anyOf",
                      "[{\"type\":\"string\"},{\"$ref\":\"#/definitions/rules\"},"
                      "{\"$ref\":\"#/definitions/file\"}]");
        return;
    }
    put_types(out, key->types);
    if (key->types & KEY_OF(CELL_STRING))
        put_own_strings(out, key);
    put_each(out, key);
    if (key->inside != NULL)
        shape_put_keys(out, key->inside);
}

static void put_value(struct buffer *out, const struct key *key)
{
    switch (key->type) {
    case KEY_TEXT:
        shape_put_raw(out, "type", "\"string\"");
        shape_put_string(out, "pattern", key->pattern ? key->pattern : "\\S");
        return;
    case KEY_BOOLEAN:
        shape_put_raw(out, "type", "\"boolean\"");
        return;
    case KEY_COUNT:
    case KEY_INTEGER:
        shape_put_raw(out, "type", "\"integer\"");
        put_bounds(out, key);
        return;
    case KEY_NUMBER:
        shape_put_raw(out, "type", "\"number\"");
        put_bounds(out, key);
        return;
    case KEY_DURATION:
        shape_put_raw(out, "type", "\"string\"");
        shape_put_string(out, "pattern", "^[0-9]+(ms|s|m|h|d)$");
        return;
    case KEY_SIZE:
        shape_put_raw(out, "type", "\"string\"");
        shape_put_string(out, "pattern", "^[0-9]+(B|KiB|MiB|GiB)$");
        return;
    case KEY_CHOICE:
        put_string_rules(out, key);
        return;
    case KEY_CELL:
        put_cell(out, key);
        return;
    case KEY_TABLE:
        shape_put_raw(out, "type", "\"object\"");
        shape_put_keys(out, key->inside);
        return;
    case KEY_ELSEWHERE:
        break;
    }
    NEVER("a key that has no value");
}

/* What a pattern cannot say is told in words. */
static struct text described(struct arena *arena, const struct key *key)
{
    struct text least, greatest;
    bool time = key->type == KEY_DURATION;

    if ((!time && key->type != KEY_SIZE) || key->greatest == 0)
        return text_of(key->about);
    least =
        time ? duration_text(arena, (uint64_t)key->least) : size_text(arena, (uint64_t)key->least);
    greatest = time ? duration_text(arena, (uint64_t)key->greatest)
                    : size_text(arena, (uint64_t)key->greatest);
    return arena_printf(arena, "%s From %.*s to %.*s.", key->about, TEXT_ARG(least),
                        TEXT_ARG(greatest));
}

static void put_key(struct buffer *out, const struct key *key)
{
    struct arena arena = {0};

    buffer_put_byte(out, '{');
    json_put_text(out, "description", described(&arena, key));
    shape_put_example(out, key->example);
    put_value(out, key);
    buffer_put_byte(out, '}');
    arena_release(&arena);
}

static void put_required(struct buffer *out, const struct keys *keys)
{
    size_t count = 0;

    for (size_t i = 0; i < keys->count; i++) {
        if (!keys->items[i].required)
            continue;
        if (count++ == 0)
            json_put_name(out, "required");
        buffer_put_byte(out, count == 1 ? '[' : ',');
        json_put_string(out, text_of(keys->items[i].name));
    }
    if (count > 0)
        buffer_put_byte(out, ']');
}

/* What a schema for a mapping says beside its type. Nests as deep as the tables do. */
void shape_put_keys(struct buffer *out, const struct keys *keys)
{
    shape_put_raw(out, "properties", "{");
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->items[i].type == KEY_ELSEWHERE)
            continue;
        json_put_name(out, keys->items[i].name);
        put_key(out, &keys->items[i]);
    }
    buffer_put_byte(out, '}');
    put_required(out, keys);
    shape_put_raw(out, "additionalProperties", "false");
}

/* The list of tests, or a mapping with nothing else. */
static void put_tests(struct buffer *out)
{
    shape_put_raw(out, "anyOf",
                  "[{\"$ref\":\"#/definitions/tests\"},{\"type\":\"object\",\"properties\":{"
                  "\"tests\":{\"$ref\":\"#/definitions/tests\"}},\"required\":[\"tests\"],"
                  "\"additionalProperties\":false}]");
    shape_put_raw(out, "definitions", "{\"tests\":{\"type\":\"array\"");
    shape_put_raw(out, "items", "{\"type\":\"object\"");
    shape_put_keys(out, &test_table);
    buffer_put(out, TEXT("}}}"));
}

static void put_file(struct buffer *out, enum shape_file file)
{
    buffer_put_byte(out, '{');
    shape_put_string(out, "$schema", "http://json-schema.org/draft-07/schema#");
    shape_put_string(out, "$id", files[file].id);
    shape_put_string(out, "title", files[file].title);
    shape_put_string(out, "description", files[file].about);
    if (file == SHAPE_ROUTING) {
        shape_put_raw(out, "anyOf",
                      "[{\"$ref\":\"#/definitions/file\"},{\"$ref\":\"#/definitions/rules\"}]");
    } else if (file == SHAPE_TESTS) {
        put_tests(out);
    } else {
        shape_put_raw(out, "type", "\"object\"");
        shape_put_keys(out, file == SHAPE_ENDPOINT ? &endpoint_table : &settings_table);
    }
    if (file == SHAPE_ENDPOINT || file == SHAPE_ROUTING)
        shape_put_definitions(out);
    buffer_put_byte(out, '}');
}

void shape_write(enum shape_file file, struct buffer *out)
{
    struct buffer compact = {0};
    struct json_object *made;
    const char *text;

    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    put_file(&compact, file);
    buffer_put_byte(&compact, '\0');
    made = json_tokener_parse(compact.at);
    CHECK(made != NULL);
    text = json_object_to_json_string_ext(made,
                                          JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    CHECK(text != NULL);
    buffer_put(out, text_of(text));
    buffer_put_byte(out, '\n');
    json_object_put(made);
    buffer_release(&compact);
}
