#include "transport/transport_tls_test.h"

TEST(a_provider_with_the_right_certificate_is_spoken_to_over_one_connection)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    for (int i = 0; i < 4; i++) {
        struct call call = {0};

        scene_call(&tls.scene, &call);
        EXPECT_STR(call.err.message, "");
        EXPECT_EQ(call.facts.reused, i > 0);
        EXPECT_TEXT(buffer_text(&call.body), "{\"over\": \"tls\"}");
        call_release(&call);
    }
    EXPECT_EQ(tls.server->connections, 1);
    EXPECT_EQ(tls.server->requests, 4);
    tls_scene_close(&tls);
}

TEST(a_second_connection_resumes_the_session_of_the_first)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    for (int i = 0; i < 3; i++) {
        struct call call = {0};

        scene_call(&tls.scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        call_release(&call);
    }
    EXPECT_EQ(tls.server->connections, 3);
    EXPECT_EQ(tls.server->resumed, 2);
    tls_scene_close(&tls);
}

TEST(a_session_is_not_resumed_with_another_credential)
{
    struct text keys[] = {TEXT("sk-one"), TEXT("sk-two"), TEXT("sk-one")};
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    for (unsigned i = 0; i < 3; i++) {
        struct call call = {0};

        tls.scene.provider.keys = &keys[i];
        tls.scene.provider.key_count = 1;
        scene_call(&tls.scene, &call);
        EXPECT_EQ(call.err.code, ERROR_NONE);
        EXPECT_EQ(tls.server->resumed, i == 2);
        call_release(&call);
    }
    EXPECT_EQ(tls.server->connections, 3);
    tls_scene_close(&tls);
}

TEST(a_request_swallowed_over_tls_is_not_sent_again_and_told_as_sent)
{
    struct call call = {0};
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = ECHO_ONCE;
    tls_server_start(tls.server);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_FAILED);
    EXPECT_EQ(call.facts.sent, SENT_ALL);
    EXPECT(call.facts.reused && !call.facts.replied);
    EXPECT_EQ(tls.server->requests, 2);
    EXPECT_EQ(tls.server->connections, 1);
    call_release(&call);
    tls_scene_close(&tls);
}

static void expect_distrust(struct tls_scene *tls, const char *why)
{
    struct call call = {0};

    tls_server_start(tls->server);
    scene_call(&tls->scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    if (text_find(text_of(call.err.message), text_of(why)) == strlen(call.err.message))
        print_error("%s\n", call.err.message);
    EXPECT(text_find(text_of(call.err.message), text_of(why)) < strlen(call.err.message));
    EXPECT_EQ(tls->server->requests, 0);
    EXPECT_EQ(transport_counts(tls->scene.transport).open, 0);
    call_release(&call);
    tls_scene_close(tls);
}

TEST(a_certificate_for_another_name_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, "DNS:other.test", 3600);
    expect_distrust(&tls, "no alternative certificate subject name matches");
}

TEST(an_expired_certificate_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, -3600);
    expect_distrust(&tls, "certificate has expired");
}

TEST(a_self_signed_certificate_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    identity_release(&tls.identity);
    tls.identity = identity_new(NULL, "provider", RIGHT_NAME, 3600);
    SSL_CTX_free(tls.server->context);
    close(tls.server->fd);
    tls_server_open(tls.server, &tls.identity);
    snprintf(tls.origin, sizeof tls.origin, "https://127.0.0.1:%u", tls.server->port);
    tls.scene.provider.origin = text_of(tls.origin);
    expect_distrust(&tls, "self-signed certificate");
}

TEST(an_authority_that_is_not_named_is_not_trusted)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.scene.provider.ca_file = TEXT("");
    expect_distrust(&tls, "unable to get local issuer certificate");
}

TEST(an_authority_of_the_system_is_trusted)
{
    char directory[] = "/tmp/pinion-certs-XXXXXX", path[64];
    struct call call = {0};
    struct tls_scene tls;
    X509_NAME *name;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    EXPECT(mkdtemp(directory) != NULL);
    name = X509_get_subject_name(tls.authority.certificate);
    snprintf(path, sizeof path, "%s/%08lx.0", directory, X509_NAME_hash_ex(name, NULL, NULL, NULL));
    EXPECT_EQ(rename(tls.ca_path, path), 0);
    setenv(X509_get_default_cert_dir_env(), directory, 1);
    tls.scene.provider.ca_file = TEXT("");
    scene_call(&tls.scene, &call);
    unsetenv(X509_get_default_cert_dir_env());
    EXPECT_STR(call.err.message, "");
    call_release(&call);
    tls_scene_close(&tls);
    unlink(path);
    rmdir(directory);
}

TEST(an_authority_trusted_for_one_provider_is_not_for_another)
{
    struct tls_scene tls;
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    tls.scene.provider.ca_file = TEXT(""); /* and the session is not resumed, either */
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    EXPECT_EQ(tls.server->requests, 1);
    call_release(&call);
    tls_scene_close(&tls);
}

TEST(an_old_version_of_tls_is_refused)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    SSL_CTX_set_security_level(tls.server->context, 0);
    SSL_CTX_set_cipher_list(tls.server->context, "ALL:@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(tls.server->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(tls.server->context, TLS1_1_VERSION);
    expect_distrust(&tls, "protocol version");
}

TEST(a_trust_file_that_cannot_be_read_is_named)
{
    struct tls_scene tls;

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.scene.provider.ca_file = TEXT("/no/such/ca.pem");
    expect_distrust(
        &tls, "provider 'local' has a ca_file without readable certificates: '/no/such/ca.pem'");
}

TEST(a_trust_file_that_has_changed_is_read_anew)
{
    struct tls_scene tls;
    struct identity stranger = identity_new(NULL, "Strange Authority", NULL, 3600);
    char path[] = "/tmp/pinion-ca-XXXXXX";
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = LAST_ECHO;
    tls_server_start(tls.server);
    write_pem(&stranger, path);
    tls.scene.provider.ca_file = text_of(path);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TLS);
    call_release(&call);
    EXPECT_EQ(rename(tls.ca_path, path), 0);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    unlink(path);
    identity_release(&stranger);
    tls_scene_close(&tls);
}

static void expect_end(enum manner manner, enum error_code code)
{
    struct tls_scene tls;
    struct call call = {0};

    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls.server->manner = manner;
    tls_server_start(tls.server);
    scene_call(&tls.scene, &call);
    EXPECT_EQ(call.err.code, code);
    EXPECT_TEXT(buffer_text(&call.body), "{\"over\": \"tls\"}");
    call_release(&call);
    tls_scene_close(&tls);
}

TEST(a_reply_may_end_with_tls_but_not_with_a_cut_line)
{
    expect_end(CLOSE, ERROR_NONE);
    expect_end(CUT, ERROR_UPSTREAM_TRUNCATED);
}

static void fill(struct buffer *body, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buffer_put_byte(body, (char)('a' + (i / 777 + i) % 26));
}

static void pause_sometimes(struct call *call)
{
    if (call->pieces % 3 == 0)
        exchange_pause(call->exchange);
}

TEST(large_bodies_pass_both_ways_with_and_without_pauses)
{
    static const size_t sizes[] = {16300, 16384, 16500, 100000, 4000000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct tls_scene tls;
        struct buffer body = {0};

        tls_scene_open(&tls, RIGHT_NAME, 3600);
        tls_server_start(tls.server);
        fill(&body, sizes[i]);
        tls.scene.wire.body = buffer_text(&body);
        for (int round = 0; round < 2; round++) {
            struct call call = {.on_body = round == 1 ? pause_sometimes : NULL};

            scene_start(&tls.scene, &call);
            while (!call.done) {
                loop_turn(tls.scene.loop, 100);
                if (!call.done)
                    call_resume(&call);
            }
            EXPECT_STR(call.err.message, "");
            EXPECT(text_equal(buffer_text(&call.body), buffer_text(&body)));
            EXPECT_EQ(call.facts.reused, round > 0);
            call_release(&call);
        }
        buffer_release(&body);
        tls_scene_close(&tls);
    }
}

TEST(many_calls_over_tls_spread_over_groups)
{
    enum { CALLS = 150 };
    struct call *calls = calloc(CALLS, sizeof *calls);
    struct tls_scene tls;

    CHECK(calls != NULL);
    tls_scene_open(&tls, RIGHT_NAME, 3600);
    tls_server_start(tls.server);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CALLS; i++)
            scene_start(&tls.scene, &calls[i]);
        for (int i = 0; i < CALLS; i++) {
            if (round == 1 && i % 10 == 0 && !calls[i].done) {
                call_cancel(&calls[i]);
                call_release(&calls[i]);
                continue;
            }
            TURN_UNTIL(tls.scene.loop, calls[i].done);
            EXPECT_STR(calls[i].err.message, "");
            EXPECT_TEXT(buffer_text(&calls[i].body), "{\"over\": \"tls\"}");
            call_release(&calls[i]);
        }
    }
    free(calls);
    tls_scene_close(&tls);
}
