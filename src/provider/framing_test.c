#include "unit.h"

#include "provider/framing.h"

/* The events of a text fed in pieces of `step` bytes, each in angle brackets. */
static struct text told(enum framing framing, struct text text, size_t step, struct arena *arena)
{
    struct framing_reader reader;
    struct buffer out = buffer_in(arena);
    struct wire_event event;
    struct error err = {0};

    framing_init(&reader, framing, arena);
    while (text.len > 0) {
        struct text piece = text_first(text, step);

        text = text_after(text, piece.len);
        while (framing_next(&reader, &piece, &event, &err))
            buffer_printf(&out, "<%.*s>", TEXT_ARG(event.data));
    }
    if (framing_finish(&reader, &event))
        buffer_printf(&out, "<%.*s>", TEXT_ARG(event.data));
    EXPECT(!framing_finish(&reader, &event));
    return buffer_text(&out);
}

TEST(lines_are_events_however_the_bytes_are_cut)
{
    static const struct {
        const char *text, *events;
    } rows[] = {
        {"", ""},
        {"\n\r\n \n", ""},
        {"{\"a\":1}\n{\"b\":2}\n", "<{\"a\":1}><{\"b\":2}>"},
        {"{\"a\":1}\r\n\r\n{\"b\":2}", "<{\"a\":1}><{\"b\":2}>"},
        {"  1 \n\n2\n3", "<1><2><3>"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t step = 1; step <= 20; step++) {
            struct arena arena = {0};

            EXPECT_TEXT(told(FRAMING_LINES, text_of(rows[i].text), step, &arena), rows[i].events);
            arena_release(&arena);
        }
}

TEST(a_line_beyond_the_limit_fails_and_stays_failed)
{
    struct arena arena = {0};
    struct ndjson_reader reader = {.line.arena = &arena, .line_bytes_max = 8};
    struct text piece = TEXT("12345678\n123456789"), rest = TEXT("\n1\n");
    struct wire_event event;
    struct error err = {0};

    EXPECT(ndjson_next(&reader, &piece, &event, &err));
    EXPECT(!ndjson_next(&reader, &piece, &event, &err));
    EXPECT_EQ(err.code, ERROR_UPSTREAM_TOO_LARGE);
    EXPECT(!ndjson_next(&reader, &rest, &event, &err));
    EXPECT(reader.failed && !ndjson_finish(&reader, &event));
    arena_release(&arena);
}

TEST(a_framing_knows_its_content_types)
{
    EXPECT(framing_fits(FRAMING_SSE, TEXT("text/event-stream")));
    EXPECT(framing_fits(FRAMING_LINES, TEXT("application/x-ndjson")));
    EXPECT(!framing_fits(FRAMING_LINES, TEXT("application/json")));
    EXPECT(!framing_fits(FRAMING_SSE, TEXT("application/json")));
}
