/* What the head of an error says, for every code there is. */
#include "gateway/fault.h"

#include "gateway/pipeline_test.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("workers: 1\n")},
    {"endpoints/talk.yaml", TEXT_INIT("provider: demo\nmodel: m\nsystem: s\n")},
};

/* The head that goes to the client, a line for each header. */
struct heard {
    struct http_client client; /* first */
    int status;
    struct buffer lines;
};

static void hear(struct http_client *client, const struct http_reply *reply)
{
    struct heard *heard = (struct heard *)client;

    heard->status = reply->status;
    buffer_put_byte(&heard->lines, '\n');
    for (size_t i = 0; i < reply->header_count; i++)
        buffer_printf(&heard->lines, "%.*s: %.*s\n", TEXT_ARG(reply->headers[i].name),
                      TEXT_ARG(reply->headers[i].value));
}

static const struct http_client_ops hearing = {.reply = hear};

static struct heard answer_with(enum error_code code, unsigned retry_after_s, const char *slug)
{
    const struct http_request http = {.method = TEXT("POST"), .path = TEXT("/talk")};
    struct heard heard = {.client = {&hearing}};
    struct request *request =
        request_new(&on.worker, worker_lease(&on.worker), &http, &heard.client);

    error_set(&request->error, code, NULL, "something was wrong");
    request->error.retry_after_s = retry_after_s;
    request->slug = text_of(slug);
    request->reply = fault_body(request);
    fault_reply(request);
    request->finished = true;
    request_free(request);
    return heard;
}

static bool says(const struct heard *heard, const char *line)
{
    struct text lines = buffer_text(&heard->lines);

    return text_find(lines, text_of(line)) < lines.len;
}

static void expect_advice(enum error_code code)
{
    const struct error_row *row = error_row(code);
    struct heard heard = answer_with(code, 0, "talk");
    bool waits = row->retry == RETRY_YES || row->retry == RETRY_BY_DELAY;

    EXPECT_EQ(heard.status, row->status);
    EXPECT(says(&heard, "\ncontent-type: application/json\n"));
    EXPECT(says(&heard, "\nx-request-id: req_"));
    EXPECT_EQ(says(&heard, "\nx-should-retry: true\n"), waits);
    EXPECT_EQ(says(&heard, "\nx-should-retry: false\n"), row->retry == RETRY_NO);
    EXPECT_EQ(says(&heard, "\nretry-after: 1\n"), waits);
    EXPECT_EQ(says(&heard, "\nretry-after-ms: 1000\n"), waits);
    EXPECT_EQ(says(&heard, "\nwww-authenticate: Bearer"),
              row->status == 401 || code == ERROR_SCOPE_DENIED);
    buffer_release(&heard.lines);
}

TEST(each_code_says_whether_and_when_to_repeat_the_call)
{
    open_with(files, 2, 0);
    for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODE_COUNT; code++)
        expect_advice(code);
    close_counting("");
}

static bool worth_waiting(unsigned retry_after_s)
{
    struct heard heard = answer_with(ERROR_RATE_LIMITED, retry_after_s, "talk");
    bool worth = says(&heard, "\nx-should-retry: true\n");

    EXPECT(worth || says(&heard, "\nx-should-retry: false\n"));
    buffer_release(&heard.lines);
    return worth;
}

TEST(a_limit_is_worth_waiting_for_up_to_a_minute)
{
    open_with(files, 2, 0);
    EXPECT(worth_waiting(1));
    EXPECT(worth_waiting(60));
    EXPECT(!worth_waiting(61));
    EXPECT(!worth_waiting(3600));
    close_counting("");
}

static bool scope_said(const char *slug)
{
    struct heard heard = answer_with(ERROR_SCOPE_DENIED, 0, slug);
    bool said = says(&heard, "scope=");

    EXPECT(says(&heard, "\nwww-authenticate: Bearer error=\"insufficient_scope\", "
                        "error_description=\"something was wrong\""));
    buffer_release(&heard.lines);
    return said;
}

TEST(a_challenge_names_a_scope_that_can_stand_in_one)
{
    open_with(files, 2, 0);
    EXPECT(scope_said("talk"));
    EXPECT(scope_said("openai:gpt-4o-mini"));
    EXPECT(!scope_said("a\", realm=\"b"));
    EXPECT(!scope_said("a\\"));
    EXPECT(!scope_said("a b"));
    EXPECT(!scope_said("\xC3\xA9"));
    EXPECT(!scope_said(""));
    close_counting("");
}
