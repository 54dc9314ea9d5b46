#include "command/new_files.h"

#include "base/buffer.h"
#include "command/schema_write.h"
#include "document/json_write.h"
#include "document/utf8.h"
#include "document/yaml_format.h"

/* As a field's type is said, as a schema says it, and a value for the first test. */
static const struct {
    const char *word, *schema, *sample;
} types[NEW_TYPE_COUNT] = {
    [NEW_STRING] = {"string", "\"type\": \"string\", \"minLength\": 1, \"maxLength\": 10000",
                    "Some text."},
    [NEW_INTEGER] = {"integer", "\"type\": \"integer\"", "1"},
    [NEW_NUMBER] = {"number", "\"type\": \"number\"", "1.5"},
    [NEW_BOOLEAN] = {"boolean", "\"type\": \"boolean\"", "true"},
    [NEW_STRINGS] = {"strings",
                     "\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"maxItems\": 20",
                     "[Some text.]"},
};
/* Small models that are good to begin with. */
static const struct {
    const char *kind, *model;
} usual_models[] = {
    {"openai", "gpt-4.1-mini"},      {"anthropic", "claude-haiku-4-5"},
    {"gemini", "gemini-2.5-flash"},  {"mistral", "mistral-small-latest"},
    {"cohere", "command-a-03-2025"}, {"demo", "demo-1"},
};

/* -- what was said -- */

static bool name_fits(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';

        if (!letter && (i == 0 || byte < '0' || byte > '9'))
            return false;
    }
    return name.len > 0 && name.len <= 64;
}

static bool refuse_field(const char *word, const char *flag, const char *what, struct error *err)
{
    error_set(err, ERROR_INVALID_REQUEST, NULL, "--%s '%.80s': %s", flag, word, what);
    error_hint(err,
               "write --%s title:string; types are string, integer, number, boolean and "
               "strings, and a ? behind one means that the field may be left out",
               flag);
    return false;
}

bool new_field_read(const char *word, const char *flag, struct new_fields *out, struct error *err)
{
    struct text type = text_of(word), name = text_split(&type, ':');
    struct new_field field = {.name = name};

    if (!name_fits(name))
        return refuse_field(word, flag, "the name of a field has letters, digits and '_' only",
                            err);
    for (size_t i = 0; i < out->count; i++)
        if (text_equal(out->items[i].name, name))
            return refuse_field(word, flag, "the field is named twice", err);
    if (out->count == NEW_FIELDS_MAX)
        return refuse_field(word, flag, "there are 32 fields already; add more to the schema", err);
    field.optional = text_ends(type, TEXT("?"));
    type.len -= field.optional;
    while (field.type < NEW_TYPE_COUNT && !text_equal(type, text_of(types[field.type].word)))
        field.type++;
    if (field.type == NEW_TYPE_COUNT)
        return refuse_field(word, flag, type.len == 0 ? "its type is missing" : "no such type",
                            err);
    out->items[out->count++] = field;
    return true;
}

static const struct provider *find_provider(const struct provider *providers, size_t count,
                                            struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(providers[i].name, name))
            return &providers[i];
    return NULL;
}

static bool no_provider(const struct provider *providers, size_t count, const char *name,
                        struct arena *arena, struct error *err)
{
    struct text *names = ARENA_ARRAY(arena, struct text, count), near;

    for (size_t i = 0; i < count; i++)
        names[i] = providers[i].name;
    near = nearest_name(text_of(name), names, count);
    error_set(err, ERROR_INVALID_REQUEST, "--provider", "pinion.yaml has no provider '%.80s'",
              name);
    if (near.len > 0)
        error_hint(err, "did you mean '%.*s'?", TEXT_ARG(near));
    else
        error_hint(err, "add it there first: providers: {%.40s: {kind: ..., key: ...}}", name);
    return false;
}

bool new_target(const struct provider *providers, size_t count, const char *provider,
                const char *model, struct arena *arena, struct new_endpoint *endpoint,
                struct error *err)
{
    const struct provider *found =
        provider != NULL ? find_provider(providers, count, text_of(provider)) : &providers[0];

    if (count == 0 || found == NULL)
        return no_provider(providers, count, provider != NULL ? provider : "", arena, err);
    if (model != NULL && (*model == '\0' || utf8_valid(text_of(model)) != strlen(model)))
        return error_set(err, ERROR_INVALID_REQUEST, "--model",
                         "the name of a model is text, and not empty");
    endpoint->provider = found->name;
    endpoint->model = text_of(model);
    for (size_t i = 0; model == NULL && i < sizeof usual_models / sizeof *usual_models; i++)
        if (found->kind != NULL && strcmp(found->kind->name, usual_models[i].kind) == 0)
            endpoint->model = text_of(usual_models[i].model);
    if (endpoint->model.len > 0)
        return true;
    error_set(err, ERROR_INVALID_REQUEST, "--model", "which model of '%.*s' is to be asked?",
              TEXT_ARG(text_cut(found->name, 64)));
    error_hint(err, "say it with --model NAME, as the provider names it");
    return false;
}

/* -- what is written -- */

static void put_target(struct buffer *out, const struct new_endpoint *endpoint)
{
    struct buffer quoted = buffer_in(out->arena);
    struct text model;

    json_put_string(&quoted, endpoint->model);
    model = buffer_text(&quoted);
    buffer_printf(out,
                  "%s\n\n"
                  "description: Says what %.*s does, in one sentence.\n\n"
                  "provider: %.*s  # a name from 'providers' in pinion.yaml\n"
                  "model: %.*s\n"
                  "params: {temperature: 0.2, max_tokens: 800}\n\n",
                  schema_modeline(SHAPE_ENDPOINT), TEXT_ARG(endpoint->slug),
                  TEXT_ARG(endpoint->provider), TEXT_ARG(model));
}

static void put_prompt(struct buffer *out, const struct new_endpoint *endpoint)
{
    buffer_put(out, TEXT("# What the model is to be and do. {{name}} stands for that field of the "
                         "input.\n"
                         "system: |\n"
                         "  You are a careful assistant. Answer from what you are given; do not "
                         "add to it.\n"));
    if (endpoint->session)
        return;
    buffer_put(out, TEXT("template: |\n"));
    for (size_t i = 0; i < endpoint->input.count; i++) {
        struct text name = endpoint->input.items[i].name;

        buffer_printf(out, "  %.*s: {{%.*s}}\n", TEXT_ARG(name), TEXT_ARG(name));
    }
}

static void put_schemas(struct buffer *out, const struct new_endpoint *endpoint)
{
    buffer_put_byte(out, '\n');
    if (!endpoint->session)
        buffer_printf(out, "input_schema: schemas/%.*s.in.json    # anything else is refused\n",
                      TEXT_ARG(endpoint->slug));
    if (!endpoint->text)
        buffer_printf(out, "output_schema: schemas/%.*s.out.json  # what the answer has to be\n",
                      TEXT_ARG(endpoint->slug));
    else
        buffer_put(out, TEXT("stream: raw  # callers may have the text as it is written\n"));
    if (endpoint->session)
        buffer_put(out, TEXT("session: {ttl: 30m, max_messages: 40, on_full: slide}\n"));
    buffer_put(out, TEXT("limits: {per_minute: 60, concurrent: 20}  # for each token\n\n"));
}

static void put_input(struct buffer *out, const struct new_endpoint *endpoint)
{
    const char *before = "";

    if (endpoint->session) {
        buffer_put(out, TEXT("Good morning!\n"));
        return;
    }
    buffer_put_byte(out, '{');
    for (size_t i = 0; i < endpoint->input.count; i++) {
        const struct new_field *field = &endpoint->input.items[i];

        buffer_printf(out, "%s%.*s: %s", before, TEXT_ARG(field->name), types[field->type].sample);
        before = ", ";
    }
    buffer_put(out, TEXT("}\n"));
}

static void put_tests(struct buffer *out, const struct new_endpoint *endpoint)
{
    buffer_put(out, TEXT("tests:\n"
                         "  - name: a usual call is answered\n"
                         "    input: "));
    put_input(out, endpoint);
    buffer_put(out, TEXT("    assert:\n"
                         "      - {type: status, value: 200}\n"));
    if (!endpoint->text)
        buffer_printf(out, "      - {type: json-schema, value: schemas/%.*s.out.json}\n",
                      TEXT_ARG(endpoint->slug));
    if (endpoint->session)
        return;
    buffer_put(out, TEXT("  - name: a field that the schema does not know is refused\n"
                         "    input: {no_such_field: 1}\n"
                         "    assert:\n"
                         "      - {type: status, value: 422}\n"));
}

static struct text schema_of(const struct new_fields *fields, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    const char *before = "";

    buffer_put(&out, TEXT("{\n  \"type\": \"object\",\n  \"properties\": {\n"));
    for (size_t i = 0; i < fields->count; i++)
        buffer_printf(&out, "    \"%.*s\": {%s}%s\n", TEXT_ARG(fields->items[i].name),
                      types[fields->items[i].type].schema, i + 1 < fields->count ? "," : "");
    buffer_put(&out, TEXT("  },\n  \"required\": ["));
    for (size_t i = 0; i < fields->count; i++)
        if (!fields->items[i].optional) {
            buffer_printf(&out, "%s\"%.*s\"", before, TEXT_ARG(fields->items[i].name));
            before = ", ";
        }
    buffer_put(&out, TEXT("],\n  \"additionalProperties\": false\n}\n"));
    return buffer_text(&out);
}

/* In the one form; only a model's name may need quotes or not. */
static struct text formatted(const struct buffer *yaml, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct text out;

    diagnostics->arena = arena;
    return yaml_format(buffer_text(yaml), TEXT("new"), arena, diagnostics, &out)
               ? out
               : buffer_text(yaml);
}

size_t new_files(const struct new_endpoint *endpoint, struct arena *arena,
                 struct new_file out_files[NEW_FILES_MAX])
{
    struct buffer out = buffer_in(arena);
    size_t count = 0;
    struct text slug = endpoint->slug;

    put_target(&out, endpoint);
    put_prompt(&out, endpoint);
    put_schemas(&out, endpoint);
    put_tests(&out, endpoint);
    out_files[count++] = (struct new_file){
        arena_printf(arena, "endpoints/%.*s.yaml", TEXT_ARG(slug)).at, formatted(&out, arena)};
    if (!endpoint->session)
        out_files[count++] =
            (struct new_file){arena_printf(arena, "schemas/%.*s.in.json", TEXT_ARG(slug)).at,
                              schema_of(&endpoint->input, arena)};
    if (!endpoint->text)
        out_files[count++] =
            (struct new_file){arena_printf(arena, "schemas/%.*s.out.json", TEXT_ARG(slug)).at,
                              schema_of(&endpoint->output, arena)};
    return count;
}
