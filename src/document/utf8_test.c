/* Blocks and single sequences must find the same first ill-formed byte, wherever it stands. */
#include "document/utf8.h"
#include "unit.h"

#include <stdlib.h>

/* Bytes of the longest well-formed prefix, sequence by sequence. */
static size_t valid_by_sequences(struct text text)
{
    size_t at = 0, len;
    uint32_t code_point;

    while ((len = utf8_decode(text_after(text, at), &code_point)) > 0)
        at += len;
    return at;
}

static void expect_alike(const char *bytes, size_t len)
{
    char *copy = malloc(len); /* of its own, so that reading beyond it is seen */
    struct text text = {copy, len};

    memcpy(copy, bytes, len);
    EXPECT_EQ(utf8_valid(text), valid_by_sequences(text));
    free(copy);
}

TEST(every_lead_with_every_second_byte_is_judged_at_every_place_of_a_block)
{
    char bytes[160];

    for (unsigned lead = 0x7F; lead <= 0xFF; lead++) {
        for (unsigned second = 0x70; second <= 0xFF; second += second < 0xC4 ? 1 : 15) {
            size_t place = (lead * 7 + second) % 100;

            memset(bytes, 'a', sizeof bytes);
            bytes[place] = (char)lead;
            bytes[place + 1] = (char)second;
            expect_alike(bytes, sizeof bytes);
            bytes[place + 2] = (char)0x80;
            expect_alike(bytes, sizeof bytes);
            bytes[place + 3] = (char)0xBF;
            expect_alike(bytes, sizeof bytes);
            bytes[place + 4] = (char)0xBF;
            expect_alike(bytes, sizeof bytes);
        }
    }
}

TEST(a_sequence_cut_at_any_end_is_ill_formed_there)
{
    static const char *const sequences[] = {"\xC3\xA9", "\xE6\x9D\xB1", "\xF0\x9F\x98\x80",
                                            "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"};
    char bytes[200];

    for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++) {
        size_t len = strlen(sequences[i]);

        for (size_t start = 0; start < 8; start++) {
            for (size_t at = 0; at < sizeof bytes; at++)
                bytes[at] = at < start ? 'x' : sequences[i][(at - start) % len];
            for (size_t end = start; end < sizeof bytes; end++)
                EXPECT_EQ(utf8_valid((struct text){bytes, end}), start + (end - start) / len * len);
        }
    }
}

TEST(random_mixtures_are_judged_alike)
{
    static const char *const pieces[] = {"a",
                                         "0123456789",
                                         "\xC3\xA9",
                                         "\xE6\x9D\xB1",
                                         "\xF0\x9F\x98\x80",
                                         "\xE0\xA0\x80",
                                         "\xF0\x90\x80\x80"};
    uint32_t drawn = 1;

    for (int round = 0; round < 4000; round++) {
        char bytes[300];
        size_t len = 0, most = 64 + (size_t)round % 200;

        while (len < most) {
            const char *piece = pieces[(drawn >> 16) % (sizeof pieces / sizeof *pieces)];

            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
            drawn = drawn * 1664525u + 1013904223u;
        }
        if (round % 2)
            bytes[(drawn >> 8) % len] = (char)(drawn >> 20);
        expect_alike(bytes, len);
    }
}

TEST(what_is_in_no_sequence_is_replaced_byte_by_byte)
{
    static const struct {
        struct text text;
        const char *clean;
    } cases[] = {
        {TEXT_INIT(""), ""},
        {TEXT_INIT("caf\xC3\xA9"), "caf\xC3\xA9"},
        {TEXT_INIT("\xFF.\xC3"), "\xEF\xBF\xBD.\xEF\xBF\xBD"},
        {TEXT_INIT("a\xED\xA0\x80z"), "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};

        utf8_put_clean(&out, cases[i].text);
        EXPECT_TEXT(buffer_text(&out), cases[i].clean);
        buffer_release(&out);
    }
}
