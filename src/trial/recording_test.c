#include "trial/recording.h"

#include "document/json_read.h"
#include "unit.h"

static struct arena arena;

static void end(void)
{
    arena_release(&arena);
    arena = (struct arena){0};
}

static bool readable(const char *text, struct recording *out, struct error *err)
{
    return recording_read(text_of(text), &arena, out, err);
}

static const struct document *document_of(const char *json)
{
    struct document *document = ARENA_NEW(&arena, struct document);

    EXPECT(json_read(text_of(json), NULL, &arena, document, NULL, NULL));
    return document;
}

/* Writes one exchange with that reply and reads it again. */
static struct recorded again(struct taped_reply reply, struct text *out_file)
{
    const struct recorded item = {TEXT_INIT("openai"), TEXT_INIT("/chat/completions"),
                                  document_of("{\"model\":\"m\"}"), 0, reply};
    struct recording recording = {TEXT_INIT("sum"), TEXT_INIT("a \"test\""), &item, 1};
    struct buffer file = buffer_in(&arena), second = buffer_in(&arena);
    struct error err = {0};

    recording_write(&recording, &file);
    *out_file = buffer_text(&file);
    if (!recording_read(buffer_text(&file), &arena, &recording, &err))
        fail_msg("%s at %s", err.message, err.at);
    EXPECT_EQ(recording.count, 1);
    EXPECT(text_equal(recording.test, TEXT("a \"test\"")));
    recording_write(&recording, &second);
    EXPECT(text_equal(buffer_text(&file), buffer_text(&second)));
    return recording.items[0];
}

static struct text body_of(const struct taped_reply *reply)
{
    struct buffer whole = buffer_in(&arena);

    for (size_t i = 0; i < reply->piece_count; i++)
        buffer_put(&whole, reply->pieces[i]);
    return buffer_text(&whole);
}

TEST(a_reply_that_is_json_is_kept_as_json)
{
    static const struct text pieces[] = {TEXT_INIT("{\"a\": [1, "), TEXT_INIT("2]}")};
    struct text file;
    struct recorded got =
        again((struct taped_reply){.status = 200,
                                   .content_type = TEXT_INIT("application/json"),
                                   .fields = TEXT_INIT("content-type:application/json\n"),
                                   .pieces = pieces,
                                   .piece_count = 2,
                                   .sent = SENT_ALL},
              &file);

    EXPECT(text_find(file, TEXT("\"body\": {\n          \"a\": [\n")) < file.len);
    EXPECT(text_equal(body_of(&got.reply), TEXT("{\"a\":[1,2]}")));
    EXPECT_EQ(got.reply.status, 200);
    EXPECT(text_equal(got.reply.content_type, TEXT("application/json")));
    EXPECT(text_equal(got.provider, TEXT("openai")));
    end();
}

TEST(a_stream_is_kept_by_its_lines_and_played_an_event_a_piece)
{
    static const struct text stream =
        TEXT_INIT("data: {\"x\":1}\n\nevent: e\r\ndata: \xC3\xA4\r\n\r\ndata: [DONE]\n\n");
    struct text file;
    struct recorded got = again((struct taped_reply){.status = 200,
                                                     .pieces = &stream,
                                                     .piece_count = 1,
                                                     .broken_off = true,
                                                     .sent = SENT_ALL},
                                &file);

    EXPECT(text_find(file, TEXT("\"data: {\\\"x\\\":1}\",\n          \"\",\n")) < file.len);
    EXPECT(text_equal(body_of(&got.reply), stream));
    EXPECT_EQ(got.reply.piece_count, 2); /* lines that end in CRLF are not empty: one more piece */
    EXPECT(got.reply.broken_off);
    end();
}

TEST(bytes_that_are_no_text_and_a_text_without_line_break_come_back_too)
{
    static const struct text bodies[] = {TEXT_INIT("\xFF\x00\x01\x80"),
                                         TEXT_INIT("\xFFz"),
                                         TEXT_INIT("\xFFzzz"),
                                         TEXT_INIT("plain"),
                                         TEXT_INIT("\n"),
                                         TEXT_INIT("a\n\n\nb")};
    struct text file;

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct recorded got = again(
            (struct taped_reply){
                .status = 503, .pieces = &bodies[i], .piece_count = 1, .sent = SENT_ALL},
            &file);

        EXPECT(text_equal(body_of(&got.reply), bodies[i]));
    }
    end();
}

TEST(a_failure_without_a_reply_is_kept_with_its_code)
{
    struct taped_reply reply = {.sent = SENT_PART};
    struct recorded got;
    struct text file;

    error_set(&reply.failure, ERROR_UPSTREAM_TIMEOUT, NULL, "did not begin its answer within 5 ms");
    got = again(reply, &file);
    EXPECT_EQ(got.reply.failure.code, ERROR_UPSTREAM_TIMEOUT);
    EXPECT_STR(got.reply.failure.message, "did not begin its answer within 5 ms");
    EXPECT_EQ(got.reply.sent, SENT_PART);
    EXPECT_EQ(got.reply.status, 0);
    end();
}

TEST(what_is_malformed_is_refused_with_its_place)
{
#define FILE(exchange)                                                                             \
    "{\"format\":1,\"endpoint\":\"e\",\"test\":\"t\",\"exchanges\":[" exchange "]}"
#define REPLY(reply)                                                                               \
    FILE("{\"request\":{\"provider\":\"p\",\"path\":\"/\",\"body\":1},\"reply\":" reply "}")
    static const struct {
        const char *file, *at;
    } cases[] = {
        {"{}", ""},
        {"{\"format\":2}", ""},
        {"{\"format\":1,\"endpoint\":\"e\"}", ""},
        {"{\"format\":1,\"endpoint\":\"e\",\"test\":\"t\",\"exchanges\":{}}", ""},
        {FILE("1"), "/exchanges/0"},
        {FILE("{\"request\":{\"provider\":1}}"), "/exchanges/0/request"},
        {FILE("{\"request\":{\"provider\":\"p\",\"path\":\"/\",\"body\":1}}"), "/exchanges/0"},
        {REPLY("{}"), "/exchanges/0/reply"},
        {REPLY("{\"status\":99}"), "/exchanges/0/reply/status"},
        {REPLY("{\"status\":200,\"lines\":[1]}"), "/exchanges/0/reply/lines/0"},
        {REPLY("{\"status\":200,\"lines\":[[\"a\"]]}"), "/exchanges/0/reply/lines/0"},
        {REPLY("{\"status\":200,\"lines\":1}"), "/exchanges/0/reply/lines"},
        {REPLY("{\"status\":200,\"base64\":\"abc\"}"), "/exchanges/0/reply/base64"},
        {REPLY("{\"status\":200,\"base64\":\"a?==\"}"), "/exchanges/0/reply/base64"},
        {REPLY("{\"status\":200,\"body\":1,\"lines\":[]}"), "/exchanges/0/reply"},
        {REPLY("{\"status\":200,\"headers\":[]}"), "/exchanges/0/reply"},
        {REPLY("{\"status\":200,\"headers\":{\"a b\":\"c\"}}"), "/exchanges/0/reply/headers/a b"},
        {REPLY("{\"status\":200,\"headers\":{\"a\":\"c\\r\\nd\"}}"),
         "/exchanges/0/reply/headers/a"},
        {REPLY("{\"failure\":{\"code\":\"upstream_failed\"}}"), "/exchanges/0/reply/failure"},
        {REPLY("{\"failure\":{\"code\":\"no_such\",\"message\":\"m\"}}"),
         "/exchanges/0/reply/failure"},
    };
    struct recording recording;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = {0};

        EXPECT(!readable(cases[i].file, &recording, &err));
        EXPECT_EQ(err.code, ERROR_INVALID_REQUEST);
        EXPECT_STR(err.at, cases[i].at);
        EXPECT(strstr(err.message, "the recording is malformed: ") == err.message);
    }
    end();
}

TEST(the_name_of_a_file_is_that_of_the_test_as_far_as_a_file_can_have_it)
{
    static const char *const others[] = {"../../etc/passwd",
                                         "An empty text is refused",
                                         "an-empty text is refused",
                                         "\xE6\xB8\xAC",
                                         " x",
                                         "x "};
    struct text plain = TEXT("tests/recordings/sum/an-empty-text-is-refused.json"), path;

    EXPECT(
        text_equal(recording_path(TEXT("sum"), TEXT("an empty text is refused"), &arena), plain));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        path = recording_path(TEXT("sum"), text_of(others[i]), &arena);
        EXPECT(text_starts(path, TEXT("tests/recordings/sum/")));
        EXPECT(text_find(text_after(path, 21), TEXT("/")) == path.len - 21);
        EXPECT(text_find(path, TEXT("..")) == path.len);
        EXPECT(!text_equal(path, plain));
    }
    path = recording_path(TEXT("sum"),
                          TEXT("a very long sentence about what an endpoint is to do "
                               "whenever somebody calls it"),
                          &arena);
    EXPECT(path.len < 110);
    end();
}

TEST(a_path_is_kept_as_it_is_behind_the_base_url)
{
    const struct provider provider = {.path = TEXT("/v1"), .query = TEXT("api-version=1")};

    EXPECT_TEXT(recording_request_path(&provider, TEXT("/v1/chat?api-version=1")), "/chat");
    EXPECT_TEXT(recording_request_path(&(struct provider){0}, TEXT("/chat?alt=sse")),
                "/chat?alt=sse");
}
