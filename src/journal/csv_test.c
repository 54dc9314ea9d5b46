#include "journal/csv.h"

#include "unit.h"

TEST(a_line_is_fields_between_commas_that_ends_in_cr_and_lf)
{
    struct buffer out = {0};

    csv_put_plain(&out, TEXT("1"));
    csv_put_text(&out, TEXT("two"));
    csv_put_text(&out, TEXT(""));
    csv_put_plain(&out, TEXT("-4"));
    csv_end(&out);
    csv_put_text(&out, TEXT(""));
    csv_put_text(&out, TEXT("b"));
    csv_end(&out);
    EXPECT_TEXT(buffer_text(&out), "1,two,,-4\r\n\"\",b\r\n");
    buffer_release(&out);
}

TEST(what_would_end_a_field_is_quoted_and_what_would_be_a_formula_stands_behind_an_apostrophe)
{
    static const struct {
        struct text text;
        const char *field;
    } cases[] = {
        {TEXT_INIT("a,b"), "\"a,b\""},
        {TEXT_INIT("say \"hi\""), "\"say \"\"hi\"\"\""},
        {TEXT_INIT("two\nlines"), "\"two\nlines\""},
        {TEXT_INIT("=1+1"), "'=1+1"},
        {TEXT_INIT("+49 30"), "'+49 30"},
        {TEXT_INIT("-2"), "'-2"},
        {TEXT_INIT("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\""},
        {TEXT_INIT("\t=x"), "'\t=x"},
        {TEXT_INIT("\r=x"), "\"'\r=x\""},
        {TEXT_INIT("a=b"), "a=b"},
        {TEXT_INIT("caf\xC3\xA9"), "caf\xC3\xA9"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out = {0};

        csv_put_text(&out, cases[i].text);
        EXPECT_TEXT(buffer_text(&out), cases[i].field);
        buffer_release(&out);
    }
}
