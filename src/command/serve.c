/* pinion serve: the order of starting and stopping. The main thread reads the configuration, opens
 * store and sockets, starts the workers, then waits for signals, for changed files (--dev) and for
 * the next hour's cleaning. */
#include "admin/admin.h"
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/invitation.h"
#include "command/watch.h"
#include "config/address.h"
#include "gateway/audit_trail.h"
#include "gateway/chores.h"
#include "gateway/shared_config.h"
#include "journal/console.h"
#include "listen/server.h"
#include "telemetry/exporter.h"
#include "telemetry/meter.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEV_DASHBOARD "127.0.0.1:9090"

enum { LOG_QUEUE_BYTES = 4 << 20 };

struct service {
    const struct command_line *line;
    struct invitation invitation;
    size_t endpoint_count;
    struct log *log;
    const char *log_file; /* that it goes to; NULL: standard output */
    struct otel_settings otel;
    struct exporter *exporter; /* NULL: spans are nobody's */
    struct meter *meter;       /* likewise */
    struct gateway gateway;
    struct server *server;
    struct watch *watch; /* NULL: files are not watched */
    struct settings settings;
    struct key_source keys;
    int signals; /* signalfd */
    uint64_t started_us;
};

/* --- signals
 * ------------------------------------------------------------------------------------------ */

/* Blocked before any thread starts, so that all of them inherit it; read from a descriptor. */
static int take_signals(void)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* As many descriptors as this process may have: each call needs two. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Requests give their memory back in pieces that would each go to the kernel and come again: what
 * is freed is kept up to a bound instead. */
static void keep_freed_memory(void)
{
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

/* The next signal, or 0. */
static int next_signal(const struct service *service)
{
    struct signalfd_siginfo info;

    return read(service->signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* --- starting
 * ------------------------------------------------------------------------------------------- */

static bool override_settings(const struct command_line *line, struct settings *settings,
                              struct error *err)
{
    const char *why;

    settings->workers = (uint32_t)option_number(line, "workers", settings->workers);
    if (settings->workers > GATEWAY_WORKERS_MAX)
        return error_set(err, ERROR_INVALID_REQUEST, "--workers", "--workers: at most %d",
                         GATEWAY_WORKERS_MAX);
    if (!config_folder_place(line, settings, err) ||
        !config_folder_address(line, "listen", &settings->listen, err) ||
        !config_folder_address(line, "dashboard", &settings->dashboard, err))
        return false;
    if (option_on(line, "dev") && settings->dashboard.text.len == 0)
        settings->dashboard_movable =
            listen_address_parse(TEXT(DEV_DASHBOARD), &settings->dashboard, &why);
    return true;
}

/* A listening socket handed over by a supervisor: sd_listen_fds(3), one descriptor. */
static int inherited_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    uint64_t value;

    if (pid == NULL || count == NULL || !text_to_u64(text_of(pid), &value) ||
        value != (uint64_t)getpid() || !text_to_u64(text_of(count), &value) || value < 1)
        return -1;
    return 3;
}

static bool start(struct service *service, struct config *config, struct error *err)
{
    const struct gateway_options options = {
        .admin = admin_serve,

        .folder = config_folder(service->line),
        .config = {.dev = option_on(service->line, "dev"),
                   .allow_missing_secrets = option_on(service->line, "allow-missing-secrets")},
        .store = service->settings.store,
        .keys = &service->keys,
        .log = service->log,
        .exporter = service->exporter,
        .meter = service->meter,
        .history = true,
        .tells = true,
    };

    if (!gateway_open(&service->gateway, &options, config, err))
        return false;
    service->server = server_open(&service->gateway, &service->settings, inherited_socket(), err);
    if (service->server != NULL)
        service->gateway.address = server_address(service->server);
    if (service->server != NULL && server_start(service->server, err))
        return true;
    server_close(service->server);
    gateway_close(&service->gateway);
    return false;
}

/* --- what is said when it is ready
 * ------------------------------------------------------------------------------------ */

static bool announce(struct service *service, struct error *err)
{
    struct text address = server_address(service->server);
    struct text origin =
        arena_printf(service->line->arena, "%s://%.*s",
                     service->settings.certificate.len > 0 ? "https" : "http", TEXT_ARG(address));
    uint64_t ready_us = clock_monotonic_us() - service->started_us;
    struct invitation_secrets secrets;
    bool good = true;

    log_event(
        service->log, LOG_INFO, "start", "ready", "address",
        arena_terminated(service->line->arena, address), "admin",
        arena_terminated(service->line->arena, server_admin_address(service->server)), "dashboard",
        arena_terminated(service->line->arena, server_dashboard_address(service->server)),
        "metrics", arena_terminated(service->line->arena, server_metrics_address(service->server)),
        "version", PINION_VERSION, "ready_ms",
        arena_printf(service->line->arena, "%.1f", (double)ready_us / 1e3).at, NULL);
    if (!option_on(service->line, "quiet"))
        fprintf(stderr, "pinion %s is ready on %.*s after %.1f ms: %zu endpoints\n", PINION_VERSION,
                TEXT_ARG(address), (double)ready_us / 1e3, service->endpoint_count);
    if (option_on(service->line, "dev")) {
        const struct invitation_places places = {
            .origin = origin,
            .admin = server_admin_address(service->server),
            .dashboard = server_dashboard_address(service->server),
        };

        good = invitation_tokens(&service->gateway, &secrets, err);
        if (good && !option_on(service->line, "quiet"))
            invitation_print(&service->invitation, &places, &secrets);
        explicit_bzero(&secrets, sizeof secrets);
    }
    return good;
}

/* Lines are for people where standard output is a terminal. */
static void choose_log_form(struct service *service)
{
    enum log_format format = (enum log_format)service->settings.log_format;

    if (format == LOG_FORMAT_AUTO && service->settings.log_file.len == 0 && isatty(STDOUT_FILENO))
        format = LOG_FORMAT_CONSOLE;
    if (format != LOG_FORMAT_CONSOLE)
        return;
    log_set_form(service->log,
                 service->settings.log_file.len == 0 && command_line_color(service->line, stdout)
                     ? console_colored
                     : console_plain);
}

/* Where the log is a file, opens it: at the start, and again once it has been moved away. */
static bool open_log_file(struct service *service, struct error *err)
{
    int fd;

    if (service->log_file == NULL)
        return true;
    fd = open(service->log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
    if (fd < 0)
        return error_set(err, ERROR_STORAGE_ERROR, NULL, "the log file %s cannot be opened: %s",
                         service->log_file, strerror(errno));
    log_turn(service->log, fd);
    return true;
}

/* --- while it runs
 * ------------------------------------------------------------------------------------------ */

static void reload(struct service *service, struct text cause)
{
    const struct audit_event act = {
        .wall_ms = clock_wall_ms(), .actor = AUDIT_BY_SYSTEM, .peer = cause};
    struct arena arena = {0};
    struct text report;
    struct error err = {0};
    bool good = gateway_reload(&service->gateway, &act, &arena, &report);

    if (!open_log_file(service, &err))
        log_event(service->log, LOG_ERROR, "log", err.message, NULL);
    if (service->settings.certificate.len > 0 && !server_reload_tls(service->server, &err))
        log_event(service->log, LOG_ERROR, "reload", err.message, NULL);
    if (report.len > 0 && !option_on(service->line, "quiet"))
        fwrite(report.at, 1, report.len, stderr);
    if (!option_on(service->line, "quiet")) /* what follows goes the new way already */
        fprintf(stderr, good ? "reloaded: the configuration is in force\n"
                             : "not reloaded: the old configuration stays in force\n");
    arena_release(&arena);
}

/* Until a signal says to stop. */
static void run_until_stopped(struct service *service)
{
    struct chores chores = {0};
    int wait_ms = 0;

    for (;;) {
        struct pollfd watched[2] = {{.fd = service->signals, .events = POLLIN},
                                    {.fd = watch_fd(service->watch), .events = POLLIN}};
        int signal_number;

        poll(watched, 2, watch_wait_ms(service->watch, wait_ms));
        while ((signal_number = next_signal(service)) != 0) {
            if (signal_number != SIGHUP)
                return;
            reload(service, TEXT("signal"));
        }
        if (watch_changed(service->watch))
            reload(service, TEXT("files"));
        wait_ms = chores_run(&chores, &service->gateway);
    }
}

/* Lets what is in flight finish; a second signal, or the end of the time allowed, ends it. */
static void drain(struct service *service)
{
    uint64_t until_ms = clock_monotonic_ms() + service->settings.drain_ms;

    atomic_store(&service->gateway.draining, true);
    log_event(service->log, LOG_INFO, "stop", "draining", NULL);
    server_drain(service->server);
    while (!server_wait_drained(service->server, 20)) {
        int signal_number = next_signal(service);

        if (signal_number == SIGTERM || signal_number == SIGINT || clock_monotonic_ms() >= until_ms)
            break;
    }
}

static int fail(const struct command_line *line, const struct error *err, int code)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return code;
}

static int serve(struct service *service, struct config *config)
{
    struct error err = {0};
    int code = EXIT_DONE;

    service->endpoint_count = config->endpoint_count;
    invitation_choose(&service->invitation, config, service->line->arena);
    if (!start(service, config, &err))
        return fail(service->line, &err, EXIT_FAILED);
    if (option_on(service->line, "dev"))
        service->watch = watch_open(config_folder(service->line), service->line->arena);
    if (announce(service, &err))
        run_until_stopped(service);
    else
        code = fail(service->line, &err, EXIT_FAILED);
    drain(service);
    watch_close(service->watch);
    server_close(service->server);
    gateway_close(&service->gateway);
    return code;
}

/* The store is not open yet: its secrets, and what is rolled back, are read from beside it. */
static struct config *load(struct service *service, struct error *err)
{
    struct vault vault;
    struct config_options options = {
        .dev = option_on(service->line, "dev"),
        .allow_missing_secrets = option_on(service->line, "allow-missing-secrets"),
        .vault = &vault,
    };
    struct config *config = NULL;

    config_folder_vault(service->line, &service->keys, &vault);
    if (config_folder_pins(service->line, &options, err))
        config = config_folder_load(service->line, &options);
    vault_release(&vault);
    return config;
}

/* Without them the gateway serves all the same. */
static void open_telemetry(struct service *service)
{
    const struct otel_settings *otel = &service->otel;

    otel_settings_read(getenv, &service->settings.telemetry, service->line->arena, &service->otel);
    for (size_t i = 0; i < otel->warning_count; i++)
        log_event(service->log, LOG_WARN, "telemetry", otel->warnings[i], NULL);
    if (otel->traces.url != NULL)
        service->exporter = exporter_open(otel, service->log);
    if (otel->metrics.url != NULL)
        service->meter = meter_open(otel, service->settings.metrics_series_max, service->log);
    if ((otel->traces.url != NULL && service->exporter == NULL) ||
        (otel->metrics.url != NULL && service->meter == NULL))
        log_event(service->log, LOG_ERROR, "telemetry",
                  "no thread could be started for traces or metrics", NULL);
}

/* Both send what they have, in the same two seconds. */
static void close_telemetry(struct service *service)
{
    exporter_end(service->exporter);
    meter_end(service->meter);
    exporter_close(service->exporter);
    meter_close(service->meter);
}

static int run(const struct command_line *line)
{
    struct service service = {.line = line, .started_us = clock_monotonic_us()};
    struct error err = {0};
    struct config *config;
    int code;

    service.signals = take_signals();
    umask(077);
    raise_descriptor_limit();
    keep_freed_memory();
    config = load(&service, &err);
    if (config == NULL)
        return err.code != ERROR_NONE ? fail(line, &err, EXIT_FAILED) : EXIT_CONFIG;
    service.settings = config->settings;
    if (!override_settings(line, &service.settings, &err)) {
        config_free(config);
        return fail(line, &err, EXIT_USAGE);
    }
    service.log = log_open(STDOUT_FILENO, LOG_QUEUE_BYTES);
    if (service.log == NULL) {
        config_free(config);
        error_set(&err, ERROR_INTERNAL, NULL, "no thread could be started for the log");
        return fail(line, &err, EXIT_FAILED);
    }
    log_set_level(service.log, (enum log_level)service.settings.log_level);
    choose_log_form(&service);
    if (service.settings.log_file.len > 0)
        service.log_file = arena_terminated(line->arena, service.settings.log_file);
    if (!open_log_file(&service, &err)) {
        config_free(config);
        log_close(service.log);
        return fail(line, &err, EXIT_FAILED);
    }
    open_telemetry(&service);
    code = serve(&service, config);
    close_telemetry(&service);
    log_event(service.log, LOG_INFO, "stop", "stopped", NULL);
    log_close(service.log);
    close(service.signals);
    return code;
}

static const struct option_spec options[] = {
    {.name = "listen",
     .argument = "ADDR",
     .help = "public address, e.g. 127.0.0.1:8080 or [::]:8080",
     .environment = "PINION_LISTEN"},
    {.name = "dashboard",
     .argument = "ADDR",
     .help = "the admin interface once more, for browsers, e.g. 127.0.0.1:9090",
     .environment = "PINION_DASHBOARD"},
    PLACE_OPTIONS,
    {.name = "workers", .argument = "N", .help = "threads; as many as cores", .number = true},
    {.name = "dev",
     .help = "demo answers where a key is missing, a printed token, reload on change"},
    {.name = "allow-missing-secrets", .help = "start although a secret is not there"},
};

const struct command_spec command_serve = {
    .name = "serve",
    .summary = "Serve the endpoints of the configuration folder",
    .examples = {"serve --dev", "serve --config /etc/pinion --listen 0.0.0.0:8080"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, reload, token create",
    .run = run,
};
