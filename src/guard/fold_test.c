#include "guard/fold.h"

#include "document/utf8.h"
#include "unit.h"

/* What a text is read as, as UTF-8. */
static struct text folded(const char *text, char out[64])
{
    struct text rest = text_of(text);
    size_t len = 0;

    while (rest.len > 0) {
        uint32_t point, points[FOLDED_MAX];
        size_t bytes = utf8_decode(rest, &point), count;

        count = fold_point(point, points);
        for (size_t i = 0; point >= 0x80 && i < count; i++)
            len += utf8_encode(points[i], out + len);
        if (point < 0x80)
            out[len++] = (char)point;
        rest = text_after(rest, bytes);
    }
    return (struct text){out, len};
}

TEST(what_is_written_another_way_is_read_alike)
{
    static const struct {
        const char *text, *as;
    } cases[] = {
        {"Ｃａｒｄ ４１", "Card 41"},
        {"٤٢ ४२ 𝟒𝟐 ④②", "42 42 42 42"},
        {"ﬁrst", "first"},
        {"Müller, Ångström, naïve", "Muller, Angstrom, naive"},
        {"e\xCC\x81 o\xCC\xB6", "e o"}, /* combining marks */
        {"a\xE2\x80\x8B"
         "b\xC2\xAD"
         "c\xEF\xBB\xBF"
         "d",
         "abcd"},
        {"x\xF3\xA0\x81\xA1y", "xy"}, /* a tag */
        {"a\xC2\xA0"
         "b – c",
         "a b - c"},
        {"Straße", "Strasse"},
        {"🅢🅔🅒 🇺🇸", "SEC US"},
        {"ПРИВЕТ", "привет"},
        {"日本語 한국어", "日本語 한국어"},
    };
    char out[64];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        unit_expect_text(folded(cases[i].text, out), text_of(cases[i].as), __FILE__, __LINE__);
}

TEST(every_code_point_is_read_as_at_most_four_that_are_read_as_themselves)
{
    for (uint32_t point = 0x80; point < 0x110000; point++) {
        uint32_t out[FOLDED_MAX], again[FOLDED_MAX];
        size_t count;

        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        count = fold_point(point, out);
        EXPECT(count <= FOLDED_MAX);
        for (size_t i = 0; i < count; i++)
            EXPECT(out[i] < 0x80 || (fold_point(out[i], again) == 1 && again[0] == out[i]));
    }
}

TEST(scripts_that_do_not_part_words_make_words_of_single_letters)
{
    EXPECT_EQ(fold_kind(0x65E5), FOLD_ALONE);  /* 日 */
    EXPECT_EQ(fold_kind(0x3042), FOLD_ALONE);  /* あ */
    EXPECT_EQ(fold_kind(0xD55C), FOLD_LETTER); /* 한 */
    EXPECT_EQ(fold_kind(0x43F), FOLD_LETTER);  /* п */
    EXPECT_EQ(fold_kind('7'), FOLD_DIGIT);
    EXPECT_EQ(fold_kind(0x2026), FOLD_NONE);
    EXPECT_EQ(fold_look(0x430), 'a');
    EXPECT_EQ(fold_look(0x65E5), 0x65E5);
}
