#include "document/xml_write.h"

#include "unit.h"

static struct arena arena;

static struct text escaped(struct text text)
{
    struct buffer out = buffer_in(&arena);

    xml_put_escaped(&out, text);
    return buffer_text(&out);
}

TEST(what_has_a_meaning_in_xml_becomes_an_entity)
{
    EXPECT_TEXT(escaped(TEXT("a<b> & \"c\" 'd'")), "a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;");
    EXPECT_TEXT(escaped(TEXT("one\ntwo\r\tthree")), "one&#10;two&#13;&#9;three");
    EXPECT_TEXT(escaped(TEXT("")), "");
    arena_release(&arena);
}

TEST(what_xml_cannot_hold_is_replaced)
{
    EXPECT_TEXT(escaped(TEXT("a\x01z\0")), "a\xEF\xBF\xBDz\xEF\xBF\xBD");
    EXPECT_TEXT(escaped(TEXT("\xFF.\xC3")), "\xEF\xBF\xBD.\xEF\xBF\xBD");
    EXPECT_TEXT(escaped(TEXT("x\xEF\xBF\xBFy\xEF\xBF\xBE")), "x\xEF\xBF\xBDy\xEF\xBF\xBD");
    EXPECT_TEXT(escaped(TEXT("\xEF\xBC\xA1 \xC3\xA9")), "\xEF\xBC\xA1 \xC3\xA9");
    arena_release(&arena);
}
