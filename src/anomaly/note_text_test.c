#include "anomaly/note_text.h"

#include "unit.h"

static struct note_record note_of(const char *kind, int64_t usual, int64_t now)
{
    return (struct note_record){.noted_ms = 1795774800000,
                                .id = TEXT("note_00000000000000000000000001"),
                                .endpoint = TEXT("summarize"),
                                .kind = text_of(kind),
                                .since_ms = 1795773720000,
                                .usual = usual,
                                .now = now,
                                .worst = now,
                                .calls = 120};
}

TEST(a_note_says_what_is_what_is_usual_and_where_to_look)
{
    static const struct {
        const char *kind;
        int64_t usual, now;
        const char *message, *look;
    } cases[] = {
        {"error_rate", 8000, 241000, "24.1 % of 120 calls in an hour failed, usually 0.8 %",
         "pinion logs list --status 5xx --endpoint summarize --from 2026-11-27T10:02:00.000Z"},
        {"invalid_output_rate", 0, 500000,
         "50.0 % of 120 calls in an hour had answers that did not fit, usually 0.0 %",
         "pinion logs list --code output_schema_violation --endpoint summarize --from "
         "2026-11-27T10:02:00.000Z"},
        {"latency", 800000000, INT64_C(2500000000),
         "2500 ms is what 95 of 100 of 120 calls in an hour took at most, usually 800 ms",
         "pinion logs list --min-duration 800ms --endpoint summarize --from "
         "2026-11-27T10:02:00.000Z"},
        {"spend", 2000000, 9000000, "9.00 USD is what 120 calls in an hour cost, usually 2.00 USD",
         "pinion usage --by token --endpoint summarize --from 2026-11-27T10:02:00.000Z"},
        {"of a later version", 1, 2, "", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct note_record note = note_of(cases[i].kind, cases[i].usual, cases[i].now);
        struct buffer out = {0};

        note_put_message(&out, &note);
        EXPECT_TEXT(buffer_text(&out), cases[i].message);
        out.len = 0;
        note_put_look(&out, &note);
        EXPECT_TEXT(buffer_text(&out), cases[i].look);
        buffer_release(&out);
    }
}

TEST(a_note_is_an_object_with_numbers_in_their_units)
{
    struct note_record note = note_of("error_rate", 10000, 333333);
    struct buffer out = {0};

    note_put(&out, &note);
    EXPECT(text_starts(
        buffer_text(&out),
        TEXT("{\"id\":\"note_00000000000000000000000001\",\"endpoint\":\"summarize\",\"kind\":"
             "\"error_rate\",\"state\":\"open\",\"noted\":\"2026-11-27T10:20:00.000Z\","
             "\"since\":\"2026-11-27T10:02:00.000Z\",\"over\":null,\"usual\":0.01,\"now\":"
             "0.333333,\"worst\":0.333333,\"calls\":120")));
    note.over_ms = note.noted_ms;
    out.len = 0;
    note_put(&out, &note);
    EXPECT(text_find(buffer_text(&out), TEXT("\"state\":\"over\"")) < out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("\"over\":\"2026-11-27T10:20:00.000Z\"")) < out.len);
    buffer_release(&out);
}
