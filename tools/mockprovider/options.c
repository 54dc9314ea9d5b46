/* The command line: every option has a value that it is checked against, or none. */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "mockprovider: an OpenAI-compatible provider that answers what it is told to\n"
    "\n"
    "  --listen HOST:PORT       IPv4; default 127.0.0.1:0, a free port\n"
    "  --threads N              loops, each with its own listening socket; default 1\n"
    "  --latency-ms MS          from the whole request to the reply; default 0\n"
    "  --status CODE            of every reply; from 400 an error object; default 200\n"
    "  --retry-after S          says so in replies with a status from 400\n"
    "  --alternate N            N replies as told, then N good ones, and so on, in each thread\n"
    "  --content TEXT           the message of the built-in answer; default {\"ok\": true}\n"
    "  --reply-file FILE        the body of every reply, instead of the built-in answer\n"
    "  --chunks N               events with content in a stream; default 8\n"
    "  --chunk-bytes B          filler of B bytes an event; default: the content in N parts\n"
    "  --chunk-interval-ms MS   between two of them; default 0: all in one write\n"
    "  --break-after BYTES      resets the connection after so much of a reply's body\n"
    "  --drip                   one byte of the reply each millisecond\n"
    "\n"
    "A request whose body says \"stream\":true is answered with events. Prints\n"
    "{\"event\":\"ready\",\"address\":\"HOST:PORT\"} when it listens; SIGTERM or SIGINT ends it, "
    "and then\n"
    "it prints {\"event\":\"stop\",\"requests\":N}.\n";

static void refuse(const char *option, const char *why, const char *found)
{
    fprintf(stderr, "mockprovider: %s %s%s%s%s; --help lists the options\n", option, why,
            found ? ", found '" : "", found ? found : "", found ? "'" : "");
    exit(2);
}

static uint64_t number(const char *option, const char *value, uint64_t least, uint64_t most)
{
    char why[96], *end;
    unsigned long long parsed;

    errno = 0;
    parsed = strtoull(value, &end, 10);
    if (isdigit((unsigned char)value[0]) && *end == '\0' && errno == 0 && parsed >= least &&
        parsed <= most)
        return parsed;
    snprintf(why, sizeof why, "must be a whole number from %llu to %llu", (unsigned long long)least,
             (unsigned long long)most);
    refuse(option, why, value);
    return 0;
}

static uint32_t small(const char *option, const char *value, uint32_t least, uint32_t most)
{
    return (uint32_t)number(option, value, least, most);
}

static bool read_flag(struct options *options, const char *option)
{
    if (strcmp(option, "--help") == 0) {
        fputs(usage, stdout);
        exit(0);
    }
    if (strcmp(option, "--drip") != 0)
        return false;
    options->dripping = true;
    return true;
}

static void read_value(struct options *options, const char *option, const char *value)
{
    const char *name = option + 2;

    if (strcmp(name, "listen") == 0)
        options->listen = value;
    else if (strcmp(name, "threads") == 0)
        options->threads = small(option, value, 1, THREADS_MAX);
    else if (strcmp(name, "latency-ms") == 0)
        options->latency_ms = small(option, value, 0, MS_MAX);
    else if (strcmp(name, "status") == 0)
        options->status = small(option, value, 200, 599);
    else if (strcmp(name, "retry-after") == 0)
        options->retry_after_s = small(option, value, 1, 86400);
    else if (strcmp(name, "alternate") == 0)
        options->alternate = small(option, value, 1, 1000000);
    else if (strcmp(name, "content") == 0)
        options->content = value;
    else if (strcmp(name, "reply-file") == 0)
        options->reply_file = value;
    else if (strcmp(name, "chunks") == 0)
        options->chunks = small(option, value, 1, CHUNKS_MAX);
    else if (strcmp(name, "chunk-bytes") == 0)
        options->chunk_bytes = small(option, value, 1, CHUNK_BYTES_MAX);
    else if (strcmp(name, "chunk-interval-ms") == 0)
        options->chunk_interval_ms = small(option, value, 0, MS_MAX);
    else if (strcmp(name, "break-after") == 0)
        options->break_after = number(option, value, 0, UINT32_MAX);
    else
        refuse(option, "is no option", NULL);
    options->breaking |= strcmp(name, "break-after") == 0;
}

struct options options_read(int count, char **arguments)
{
    struct options options = {.listen = "127.0.0.1:0",
                              .content = "{\"ok\": true}",
                              .threads = 1,
                              .status = 200,
                              .chunks = 8};

    for (int i = 1; i < count; i++) {
        if (strncmp(arguments[i], "--", 2) != 0)
            refuse("an argument", "must be an option", arguments[i]);
        if (read_flag(&options, arguments[i]))
            continue;
        if (i + 1 == count)
            refuse(arguments[i], "needs a value", NULL);
        read_value(&options, arguments[i], arguments[i + 1]);
        i++;
    }
    return options;
}
