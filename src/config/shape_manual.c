/* Each key by its whole path, so that a reader who looks for one finds it: "session.ttl",
 * "failover[].on", "providers.NAME.kind". */
#include "config/shape_manual.h"

#include "base/check.h"
#include "config/load.h"
#include "config/value.h"
#include "document/roff_write.h"
#include "route/shape.h"

static const struct {
    const char *name, *summary, *place, *example;
} pages[SHAPE_FILE_COUNT] = {
    [SHAPE_ENDPOINT] = {"pinion-endpoint", "the file of an endpoint", "endpoints/SLUG.yaml",
                        "provider: openai\n"
                        "model: gpt-4.1-mini\n"
                        "system: You are a careful editor.\n"
                        "template: \"Summarise this: {{text}}\"\n"
                        "input_schema: schemas/summarize.in.json\n"
                        "output_schema: schemas/summarize.out.json\n"},
    [SHAPE_ROUTING] = {"pinion-routing", "rules that lead some calls elsewhere",
                       "routing/NAME.yaml",
                       "rules:\n"
                       "  - name: long documents\n"
                       "    when: {input_tokens: \">= 30000\"}\n"
                       "    use: {provider: google, model: gemini-2.5-flash}\n"},
    [SHAPE_TESTS] = {"pinion-tests", "tests of an endpoint", "tests/SLUG.yaml",
                     "- name: an empty text is refused\n"
                     "  input: {text: \"\"}\n"
                     "  assert:\n"
                     "    - {type: status, value: 422}\n"},
    [SHAPE_CONFIG] = {"pinion.yaml", "the settings of a gateway", "pinion.yaml",
                      "listen: 127.0.0.1:8080\n"
                      "store: /var/lib/pinion\n"
                      "providers:\n"
                      "  openai: {kind: openai, key: \"${env:OPENAI_API_KEY}\"}\n"},
};

const char *shape_manual_name(enum shape_file file)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    return pages[file].name;
}

const char *shape_manual_summary(enum shape_file file)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    return pages[file].summary;
}

static struct text bound(struct arena *arena, const struct key *key, double value)
{
    if (key->type == KEY_DURATION)
        return duration_text(arena, (uint64_t)value);
    if (key->type == KEY_SIZE)
        return size_text(arena, (uint64_t)value);
    return arena_printf(arena, "%.15g", value);
}

/* What a value is, in brackets behind the key. */
static struct text kind_of(struct arena *arena, const struct key *key)
{
    static const char *const words[] = {[KEY_TEXT] = "text",
                                        [KEY_BOOLEAN] = "true or false",
                                        [KEY_COUNT] = "whole number",
                                        [KEY_DURATION] = "duration",
                                        [KEY_SIZE] = "size",
                                        [KEY_CHOICE] = "word",
                                        [KEY_NUMBER] = "number",
                                        [KEY_INTEGER] = "whole number",
                                        [KEY_CELL] = "",
                                        [KEY_TABLE] = "mapping",
                                        [KEY_ELSEWHERE] = ""};
    const char *word = words[key->type];
    bool bounded = (key->least != 0 || key->greatest != 0) && key->greatest < 1e15;

    if (key->type == KEY_CELL)
        word = key->types & KEY_OF(CELL_STRING)   ? "text"
               : key->types & KEY_OF(CELL_OBJECT) ? "mapping"
               : key->types & KEY_OF(CELL_ARRAY)  ? "list"
                                                  : "number";
    return arena_printf(arena, "(%s%s%.*s%s%.*s%s)", word, bounded ? ", " : "",
                        TEXT_ARG(bounded ? bound(arena, key, key->least) : TEXT("")),
                        bounded ? " to " : "",
                        TEXT_ARG(bounded ? bound(arena, key, key->greatest) : TEXT("")),
                        key->required ? ", required" : "");
}

static void put_keys(struct buffer *out, struct text above, const struct keys *keys);

static void put_key(struct buffer *out, struct text above, const struct key *key)
{
    struct arena arena = {0};
    struct text path =
        arena_printf(&arena, "%.*s%s%s", TEXT_ARG(above), above.len > 0 ? "." : "", key->name);
    bool list = key->types & KEY_OF(CELL_ARRAY);

    roff_item(out, path, kind_of(&arena, key));
    roff_put(out, text_of(key->about));
    buffer_put_byte(out, '\n');
    roff_macro(out, ".br");
    roff_put(out, arena_printf(&arena, "Example: %s: %s", key->name, key->example));
    buffer_put_byte(out, '\n');
    if (key->inside != NULL)
        put_keys(out, path, key->inside);
    if (key->each != NULL)
        put_keys(out, arena_printf(&arena, list ? "%.*s[]" : "%.*s.NAME", TEXT_ARG(path)),
                 key->each);
    arena_release(&arena);
}

static void put_keys(struct buffer *out, struct text above, const struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        if (keys->items[i].type != KEY_ELSEWHERE)
            put_key(out, above, &keys->items[i]);
}

static void put_routing(struct buffer *out)
{
    roff_paragraph(out,
                   TEXT("Rules are looked at in order, and the first whose conditions all hold "
                        "wins. Each has a 'name', conditions under 'when', and under 'use' the "
                        "'provider' and 'model', or the 'template' of pinion.yaml, that the "
                        "call goes to, or the 'endpoint' that answers in place of this one. "
                        "Without a match it goes to the endpoint's own."));
    roff_macro(out, ".SH CONDITIONS");
    for (size_t i = 0; i < route_word_count; i++) {
        struct arena arena = {0};

        roff_item(out, text_of(route_words[i].name), (struct text){0});
        roff_put(out, text_of(route_words[i].about));
        buffer_put_byte(out, '\n');
        roff_macro(out, ".br");
        roff_put(out, arena_printf(&arena, "Example: %s: %s", route_words[i].name,
                                   route_words[i].example));
        buffer_put_byte(out, '\n');
        arena_release(&arena);
    }
}

void shape_manual_write(enum shape_file file, struct buffer *out)
{
    CHECK((unsigned)file < SHAPE_FILE_COUNT);
    roff_macro(out, ".SH SYNOPSIS");
    roff_put(out, text_of(pages[file].place));
    buffer_put_byte(out, '\n');
    roff_macro(out, ".SH DESCRIPTION");
    roff_put(out, TEXT("A YAML file of the configuration folder. Durations are a whole number and "
                       "one of ms, s, m, h and d; sizes one of B, KiB, MiB and GiB."));
    buffer_put_byte(out, '\n');
    roff_example(out, text_of(pages[file].example));
    if (file == SHAPE_ROUTING) {
        put_routing(out);
        return;
    }
    roff_macro(out, ".SH KEYS");
    put_keys(out, (struct text){0},
             file == SHAPE_ENDPOINT ? &endpoint_table
             : file == SHAPE_CONFIG ? &settings_table
                                    : &test_table);
}
