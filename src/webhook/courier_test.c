#include "store/store_impl.h"
#include "webhook/webhooks.h"

#include "unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

/* Of the system's, in the place of its own: a name is not resolved before that is wanted. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool asked, answers, answered;
} names = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)name, (void)service, (void)hints, (void)out;
    pthread_mutex_lock(&names.lock);
    names.asked = true;
    pthread_cond_broadcast(&names.changed);
    while (!names.answers)
        pthread_cond_wait(&names.changed, &names.lock);
    names.answered = true;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.lock);
    return EAI_AGAIN;
}

static void wait_until(const bool *so)
{
    pthread_mutex_lock(&names.lock);
    while (!*so)
        pthread_cond_wait(&names.changed, &names.lock);
    pthread_mutex_unlock(&names.lock);
}

static void answer_names(void)
{
    pthread_mutex_lock(&names.lock);
    names.answers = true;
    pthread_cond_broadcast(&names.changed);
    pthread_mutex_unlock(&names.lock);
}

/* A store in which one event waits, and that can write nothing. */
struct broken_store {
    struct store common; /* first */
    _Atomic int asked;   /* for what is to be sent */
    _Atomic int settled;
    pthread_mutex_t gate; /* of one that writes later: locked while it is not to */
};

/* Or one in which nothing waits, and that can. */
static void write_later(struct store *store, struct store_command *const *group, size_t count)
{
    struct broken_store *held = (struct broken_store *)store;

    (void)group, (void)count;
    pthread_mutex_lock(&held->gate);
    pthread_mutex_unlock(&held->gate);
}

static void read_none(struct store *store, struct store_command *command)
{
    (void)store, (void)command;
}

static void write_nothing(struct store *store, struct store_command *const *group, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        error_set(&group[i]->error, ERROR_STORAGE_ERROR, NULL, "the disk is gone");
        ((struct broken_store *)store)->settled += group[i]->kind == STORE_WEBHOOK_SETTLE;
    }
}

static void read_one(struct store *store, struct store_command *command)
{
    struct webhook_record *event = ARENA_NEW(&command->arena, struct webhook_record);

    *event = (struct webhook_record){.state = WEBHOOK_WAITING,
                                     .webhook = TEXT("ops"),
                                     .id = TEXT("evt_00000000000000000000000001"),
                                     .type = TEXT("budget"),
                                     .body = TEXT("{}")};
    command->webhooks = event;
    command->webhook_count = 1;
    ((struct broken_store *)store)->asked++;
}

static void do_nothing(struct store *store)
{
    (void)store;
}

static const struct store_ops ops = {write_nothing, read_one, do_nothing, do_nothing};

/* A receiver that takes everything. */
struct receiver {
    int fd;
    uint16_t port;
    pthread_t thread;
    _Atomic int taken;
};

static void *take_all(void *context)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n";
    struct receiver *receiver = context;
    char bytes[4096];
    int fd;

    while ((fd = accept(receiver->fd, NULL, NULL)) >= 0) {
        receiver->taken++;
        if (read(fd, bytes, sizeof bytes) > 0 && write(fd, answer, sizeof answer - 1) < 0)
            break;
        shutdown(fd, SHUT_WR);
        while (read(fd, bytes, sizeof bytes) > 0)
            ;
        close(fd);
    }
    return NULL;
}

static void receiver_open(struct receiver *receiver)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    receiver->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(receiver->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(receiver->fd, 16), 0);
    assert_int_equal(getsockname(receiver->fd, (struct sockaddr *)&address, &len), 0);
    receiver->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&receiver->thread, NULL, take_all, receiver), 0);
}

static void receiver_close(struct receiver *receiver)
{
    shutdown(receiver->fd, SHUT_RDWR);
    pthread_join(receiver->thread, NULL);
    close(receiver->fd);
}

static bool is_webhook(void *context, enum log_level level, const char *event)
{
    (void)context, (void)level;
    return strcmp(event, "webhook") == 0;
}

static void keep_line(void *context, const char *event, struct text line)
{
    (void)event;
    buffer_put(context, line);
}

static void adopt(struct webhooks *webhooks, const char *url)
{
    const struct text secret = TEXT("0123456789abcdef");

    webhooks_adopt(webhooks,
                   &(struct webhook){.name = TEXT("ops"),
                                     .url = text_of(url),
                                     .secrets = &secret,
                                     .secret_count = 1,
                                     .events = webhook_usual_events(),
                                     .allow_private = true},
                   1);
}

TEST(an_event_that_was_taken_is_not_sent_again_and_again_while_that_cannot_be_written)
{
    struct broken_store store = {.common.ops = &ops};
    struct receiver receiver = {0};
    struct webhooks *webhooks;
    struct error err;
    char url[64];

    receiver_open(&receiver);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", receiver.port);
    assert_true(store_start(&store.common, &err));
    webhooks = webhooks_new(&store.common, NULL);
    adopt(webhooks, url);
    /* Whatever wakes it then, it looks and lets the receiver alone. */
    while (store.asked < 10 || store.settled == 0) {
        if (store.settled > 0)
            webhooks_wake(webhooks);
        usleep(100);
    }
    webhooks_stop(webhooks);
    EXPECT_EQ(receiver.taken, 1);
    EXPECT_EQ(store.settled, 1);
    store_close(&store.common);
    webhooks_free(webhooks);
    receiver_close(&receiver);
}

TEST(a_name_that_nobody_resolves_keeps_no_reload_and_no_end_waiting)
{
    struct broken_store store = {.common.ops = &ops};
    struct webhooks *webhooks;
    struct error err;

    assert_true(store_start(&store.common, &err));
    webhooks = webhooks_new(&store.common, NULL);
    adopt(webhooks, "https://hooks.example.com/");
    wait_until(&names.asked);
    webhooks_stop(webhooks);
    answer_names();
    wait_until(&names.answered);
    EXPECT_EQ(store.settled, 0); /* it is sent another time */
    store_close(&store.common);
    webhooks_free(webhooks);
}

TEST(what_there_is_no_place_for_is_told_once_the_store_writes_again)
{
    static const struct store_ops later = {write_later, read_none, do_nothing, do_nothing};
    struct broken_store store = {.common.ops = &later, .gate = PTHREAD_MUTEX_INITIALIZER};
    struct buffer lines = {0};
    const struct log_observer observer = {is_webhook, keep_line, &lines};
    struct log *log = log_open(STDERR_FILENO, 1024);
    const struct log_observer *events;
    struct webhooks *webhooks;
    struct error err;

    assert_true(store_start(&store.common, &err));
    webhooks = webhooks_new(&store.common, log);
    adopt(webhooks, "https://hooks.example.com/");
    events = webhooks_observer(webhooks);
    log_set_level(log, LOG_ERROR + 1);
    log_observe(log, &observer);
    pthread_mutex_lock(&store.gate);
    for (int i = 0; i < 256 + 44; i++)
        events->told(events->context, "budget", TEXT("{}"));
    EXPECT_EQ(webhooks_dropped(webhooks), 44);
    EXPECT_EQ(lines.len, 0);
    pthread_mutex_unlock(&store.gate);
    webhooks_stop(webhooks);
    store_close(&store.common); /* everything is written */
    EXPECT(text_find(buffer_text(&lines), TEXT("\"lost\":\"44\"")) < lines.len);
    webhooks_free(webhooks);
    log_observe(log, NULL);
    log_close(log);
    buffer_release(&lines);
}
