#include "surface/embeddings.h"

#include "config/callable.h"
#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "unit.h"

static const struct memory_file files[] = {
    {"pinion.yaml",
     TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n"
               "  c: {kind: cohere, key: \"${env:KEY}\"}\n"
               "  a: {kind: anthropic, key: \"${env:KEY}\"}\n"
               "aliases: {vectors: \"p:text-embedding-3-small\", own: \"p:house-embedder\", "
               "sorted: \"c:embed-v4.0\", fast: \"p:gpt-4.1-mini\", claude: "
               "\"a:claude-haiku-4-5\"}\n")},
    {"endpoints/slug.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
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

static bool read(const struct config *config, const struct surface *surface, const char *model,
                 struct text bytes, struct arena *arena, struct call_body *out, struct error *err)
{
    const struct callable_wish wish = {.name = text_of(model)};
    struct callable called;

    EXPECT(callable_find(config, &wish, arena, &called, err));
    return body_open_for(surface, bytes, arena, out, err) &&
           body_read(out, surface, called.endpoint, NULL, arena, err);
}

/* What became of a body, as one line a table can hold. */
static struct text told(const struct config *config, const char *model, const char *bytes,
                        struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    const struct embedding_wishes *wishes;
    struct call_body body;
    struct error err = {0};

    if (!read(config, &surface_embeddings, model, text_of(bytes), arena, &body, &err)) {
        buffer_printf(&out, "%s %s", error_row(err.code)->word, err.at);
        return buffer_text(&out);
    }
    wishes = body.own;
    buffer_printf(&out, "%.*s %s", TEXT_ARG(wishes->model), body.base64 ? "base64" : "float");
    if (body.dimensions > 0)
        buffer_printf(&out, " %lld", (long long)body.dimensions);
    for (size_t i = 0; i < body.text_count; i++)
        buffer_printf(&out, " <%.*s>", TEXT_ARG(body.texts[i].text));
    if (body.token_texts)
        buffer_put(&out, TEXT(" tokens"));
    EXPECT(body.input != NULL && body.earlier_count == 0 && body.later_count == 0);
    return buffer_text(&out);
}

TEST(texts_are_read_one_or_many_as_words_or_as_tokens)
{
    /* clang-format off */
    static const struct {
        const char *model, *body, *told;
    } rows[] = {
        {"vectors", "{\"model\": \"vectors\", \"input\": \"tram\"}", "vectors float <tram>"},
        {"vectors", "{\"model\": \"m\", \"input\": [\"tram\", \"\\u00e9\"], \"encoding_format\": \"base64\"}",
         "m base64 <tram> <\xC3\xA9>"},
        {"vectors", "{\"input\": [\"a\"], \"encoding_format\": \"float\", \"dimensions\": 256, \"user\": \"u\", \"x\": {}}",
         " float 256 <a>"},
        {"vectors", "{\"input\": [1, 22], \"dimensions\": null}", " float <[1,22]> tokens"},
        {"vectors", "{\"input\": [[1, 22], [3]]}", " float <[1,22]> <[3]> tokens"},
        {"own", "{\"input\": [[1]]}", " float <[1]> tokens"},
        {"sorted", "{\"input\": [[1]]}", "invalid_request /input"},
        {"sorted", "{\"input\": [1, 2]}", "invalid_request /input"},
        {"sorted", "{\"input\": [\"1\"]}", " float <1>"},
        {"vectors", "{\"model\": \"vectors\"}", "invalid_request /input"},
        {"vectors", "{\"input\": null}", "invalid_request /input"},
        {"vectors", "{\"input\": \"\"}", "invalid_request /input"},
        {"vectors", "{\"input\": []}", "invalid_request /input"},
        {"vectors", "{\"input\": [\"a\", \"\"]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [\"a\", 3]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [\"a\", [3]]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [[3], \"a\"]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [[3], []]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [[3], [4, \"5\"]]}", "invalid_request /input/1/1"},
        {"vectors", "{\"input\": [3, -1]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": [3, 4.5]}", "invalid_request /input/1"},
        {"vectors", "{\"input\": {\"text\": \"a\"}}", "invalid_request /input"},
        {"vectors", "{\"input\": \"a\", \"encoding_format\": \"int8\"}", "invalid_request /encoding_format"},
        {"vectors", "{\"input\": \"a\", \"encoding_format\": 1}", "invalid_request /encoding_format"},
        {"vectors", "{\"input\": \"a\", \"dimensions\": 0}", "invalid_request /dimensions"},
        {"vectors", "{\"input\": \"a\", \"dimensions\": 65537}", "invalid_request /dimensions"},
        {"vectors", "{\"input\": \"a\", \"dimensions\": 2.0}", "invalid_request /dimensions"},
    };
    /* clang-format on */
    struct arena arena = {0};
    struct config *config = load(&arena);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT_TEXT(told(config, rows[i].model, rows[i].body, &arena), rows[i].told);
    config_free(config);
    arena_release(&arena);
}

TEST(no_call_has_more_than_2048_texts_and_one_may_have_very_many_tokens)
{
    struct arena arena = {0};
    struct config *config = load(&arena);

    for (size_t count = 2048; count <= 2049; count++) {
        struct buffer out = buffer_in(&arena);
        struct call_body body;
        struct error err = {0};

        buffer_put(&out, TEXT("{\"input\":["));
        for (size_t i = 0; i < count; i++)
            buffer_put(&out, i > 0 ? TEXT(",\"a\"") : TEXT("\"a\""));
        buffer_put(&out, TEXT("]}"));
        EXPECT_EQ(
            read(config, &surface_embeddings, "vectors", buffer_text(&out), &arena, &body, &err),
            count == 2048);
        out.len = 0;
        buffer_put(&out, TEXT("{\"input\":[0"));
        for (size_t i = 0; i < 100000; i++)
            buffer_put(&out, TEXT(",7"));
        buffer_put(&out, TEXT("]}"));
        EXPECT(
            read(config, &surface_embeddings, "vectors", buffer_text(&out), &arena, &body, &err));
        EXPECT_EQ(body.text_count, 1);
    }
    config_free(config);
    arena_release(&arena);
}

TEST(who_asks_a_model_for_what_it_does_not_do_is_told_so)
{
    static const struct {
        const struct surface *surface;
        const char *model, *why;
    } rows[] = {
        {&surface_embeddings, "slug", "'slug' is an endpoint with a prompt of its own"},
        {&surface_embeddings, "fast", "'fast' is a chat model"},
        {&surface_embeddings, "p:gpt-4.1", "'p:gpt-4.1' is a chat model"},
        {&surface_embeddings, "claude", "'claude' is of a provider that has no embeddings"},
        {&surface_chat, "vectors", "'vectors' turns texts into vectors"},
        {&surface_chat, "c:embed-v4.0", "'c:embed-v4.0' turns texts into vectors"},
    };
    struct arena arena = {0};
    struct config *config = load(&arena);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct call_body body;
        struct error err = {0};

        EXPECT(!read(config, rows[i].surface, rows[i].model, TEXT("{\"input\": \"a\"}"), &arena,
                     &body, &err));
        EXPECT_EQ(err.code, ERROR_INVALID_REQUEST);
        EXPECT_STR(err.at, "/model");
        EXPECT(text_starts(text_of(err.message), text_of(rows[i].why)));
        EXPECT(err.hint[0] != '\0');
    }
    config_free(config);
    arena_release(&arena);
}

static struct text answered(bool base64, bool reported, struct arena *arena)
{
    static const float first[] = {0.25F, -0.5F, 0.125F}, second[] = {1.0F, 0.1F, -3e-9F};
    static const float *const vectors[] = {first, second};
    const struct chat_answer answer = {.vectors = vectors, .vector_count = 2, .dimensions = 3};
    struct embedding_wishes wishes = {.model = TEXT("vectors")};
    const struct chat_usage usage = {.prompt_tokens = 3, .reported = reported};
    const struct call_body body = {.own = &wishes, .base64 = base64};
    const struct surface_said said = {
        .body = &body, .answer = &answer, .usage = &usage, .meta = TEXT("{}")};
    struct buffer out = buffer_in(arena);

    surface_embeddings.answer(&said, &out);
    return buffer_text(&out);
}

TEST(vectors_are_written_as_numbers_or_as_their_bytes)
{
    struct arena arena = {0};

    EXPECT_TEXT(answered(false, true, &arena),
                "{\"object\":\"list\",\"data\":["
                "{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.25,-0.5,0.125]},"
                "{\"object\":\"embedding\",\"index\":1,\"embedding\":[1,0.1,-3e-09]}],"
                "\"model\":\"vectors\",\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3},"
                "\"pinion\":{}}");
    EXPECT_TEXT(answered(true, false, &arena),
                "{\"object\":\"list\",\"data\":["
                "{\"object\":\"embedding\",\"index\":0,\"embedding\":\"AACAPgAAAL8AAAA+\"},"
                "{\"object\":\"embedding\",\"index\":1,\"embedding\":\"AACAP83MzD2PKE6x\"}],"
                "\"model\":\"vectors\",\"usage\":{\"prompt_tokens\":3,\"total_tokens\":3,"
                "\"estimated\":true},\"pinion\":{}}");
    arena_release(&arena);
}
