#include "journal/console.h"

#include "unit.h"

#include <stdlib.h>
#include <time.h>

#define REQUEST                                                                                    \
    "{\"ts\":\"2026-11-27T12:03:07.512Z\",\"level\":\"info\",\"event\":\"request\","               \
    "\"msg\":\"answered\",\"request_id\":\"req_1\",\"trace_id\":\"t\",\"span_id\":\"s\","          \
    "\"method\":\"POST\",\"path\":\"/summarize\",\"status\":200,\"surface\":\"slug\","             \
    "\"project\":\"default\",\"endpoint\":\"summarize\",\"version\":7,\"token_id\":\"tok_1\","     \
    "\"rule\":\"default\",\"provider\":\"openai\",\"model\":\"gpt-4.1-mini\",\"attempts\":1,"      \
    "\"upstream_ms\":800.101,\"input_tokens\":24,\"output_tokens\":8,\"cost_usd\":\"0."            \
    "000022400\","                                                                                 \
    "\"finish_reason\":\"stop\",\"stream\":false,\"duration_ms\":812.431,\"bytes_in\":10,"         \
    "\"bytes_out\":20,\"tags\":{\"team\":\"search\"}}"

static void expect_line(const char *line, bool colored, const char *expected)
{
    struct buffer out = {0};

    setenv("TZ", "UTC", 1);
    tzset();
    (colored ? console_colored : console_plain)(text_of(line), &out);
    EXPECT_TEXT(buffer_text(&out), expected);
    buffer_release(&out);
}

TEST(a_request_is_a_line_of_what_one_looks_for_first)
{
    expect_line(REQUEST, false,
                "12:03:07.512 INFO  200 POST /summarize  812.4 ms  openai/gpt-4.1-mini  24+8 "
                "tokens  $0.0000224  tag.team=search  req_1");
}

TEST(what_is_unusual_about_a_request_is_named)
{
    expect_line("{\"ts\":\"2026-11-27T12:03:07.512Z\",\"level\":\"error\",\"event\":\"request\","
                "\"msg\":\"failed\",\"request_id\":\"req_1\",\"method\":\"POST\","
                "\"path\":\"/v1/chat/completions\",\"status\":502,\"code\":\"upstream_failed\","
                "\"error\":\"the provider said no\",\"project\":\"acme\",\"endpoint\":\"chat\","
                "\"rule\":\"at night\",\"attempts\":3,\"stream\":true,\"duration_ms\":3.000}",
                false,
                "12:03:07.512 ERROR 502 POST /v1/chat/completions  upstream_failed  3.0 ms  "
                "project=acme  endpoint=chat  rule=\"at night\"  attempts=3  stream=true  req_1  "
                "the provider said no");
}

TEST(an_event_is_its_message_and_every_pair)
{
    expect_line("{\"ts\":\"2026-11-27T12:03:07.000Z\",\"level\":\"warn\",\"event\":\"reload\","
                "\"msg\":\"a restart is needed\",\"file\":\"a b.yaml\",\"none\":\"\",\"n\":5,"
                "\"quoted\":\"say \\\"hi\\\"\"}",
                false,
                "12:03:07.000 WARN  reload  a restart is needed  file=\"a b.yaml\"  n=5  "
                "quoted=\"say \\\"hi\\\"\"");
}

TEST(colours_are_there_only_where_they_are_wanted)
{
    expect_line("{\"ts\":\"2026-11-27T12:03:07.512Z\",\"level\":\"info\",\"event\":\"start\","
                "\"msg\":\"ready\",\"address\":\"127.0.0.1:8080\"}",
                true,
                "\x1b[2m12:03:07.512 \x1b[0m\x1b[32mINFO  \x1b[0m\x1b[1mstart\x1b[0m  ready  "
                "\x1b[2maddress=\x1b[0m127.0.0.1:8080");
}

TEST(nothing_moves_the_cursor_or_turns_the_line_around)
{
    expect_line("{\"event\":\"request\",\"status\":404,\"method\":\"GET\","
                "\"path\":\"/\\u001b[2J\\u009b\\u202e\\r\\n\\u0000\",\"duration_ms\":0.1}",
                false, "404 GET /\\u001b[2J\\u009b\\u202e\\u000d\\u000a\\u0000  0.1 ms");
    expect_line("no \x1b[31mJSON\n\xff", false, "no \\u001b[31mJSON\\u000a\xEF\xBF\xBD");
    expect_line("", false, "");
    expect_line("[1]", false, "[1]");
}
