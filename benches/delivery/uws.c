// The uWebSockets baseline: ws://127.0.0.1:PORT/?room=NAME, every text to all members of the room.
//
// uWebSockets is C++; its interface for C comes with the Python package `socketify`, so that no
// Python runs while a message passes. A room is a topic, delivery is `publish`, as uWebSockets
// means it. Its header files are not in the package: what is used of them is declared here.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct uws_app_s uws_app_t;
typedef struct uws_req_s uws_req_t;
typedef struct uws_res_s uws_res_t;
typedef struct uws_socket_context_s uws_socket_context_t;
typedef struct uws_websocket_s uws_websocket_t;
typedef int uws_opcode_t;

typedef void (*uws_websocket_handler)(uws_websocket_t *, void *);

typedef struct {
  int compression;
  unsigned max_payload_length;
  unsigned short idle_timeout;
  unsigned max_backpressure;
  bool close_on_backpressure_limit;
  bool reset_idle_timeout_on_send;
  bool send_pings_automatically;
  unsigned short max_lifetime;
  void (*upgrade)(uws_res_t *, uws_req_t *, uws_socket_context_t *, void *);
  uws_websocket_handler open;
  void (*message)(uws_websocket_t *, const char *, size_t, uws_opcode_t, void *);
  uws_websocket_handler drain;
  void (*ping)(uws_websocket_t *, const char *, size_t, void *);
  void (*pong)(uws_websocket_t *, const char *, size_t, void *);
  void (*close)(uws_websocket_t *, int, const char *, size_t, void *);
  void (*subscription)(uws_websocket_t *, const char *, size_t, int, int, void *);
} uws_socket_behavior_t;

struct us_socket_context_options_t {
  const char *key_file_name, *cert_file_name, *passphrase, *dh_params_file_name, *ca_file_name,
      *ssl_ciphers;
  int ssl_prefer_low_memory_usage;
};

typedef struct {
  int port;
  const char *host;
  int options;
} uws_app_listen_config_t;

uws_app_t *uws_create_app(int ssl, struct us_socket_context_options_t);
void uws_ws(int ssl, uws_app_t *, const char *pattern, uws_socket_behavior_t, void *);
void uws_app_listen_with_config(int ssl, uws_app_t *, uws_app_listen_config_t,
                                void (*)(void *, uws_app_listen_config_t, void *), void *);
void uws_app_run(int ssl, uws_app_t *);
size_t uws_req_get_query(uws_req_t *, const char *, size_t, const char **);
size_t uws_req_get_header(uws_req_t *, const char *, size_t, const char **);
void uws_res_upgrade(int ssl, uws_res_t *, void *data, const char *key, size_t, const char *protocol,
                     size_t, const char *extensions, size_t, uws_socket_context_t *);
void *uws_ws_get_user_data(int ssl, uws_websocket_t *);
bool uws_ws_subscribe(int ssl, uws_websocket_t *, const char *, size_t);
bool uws_publish(int ssl, uws_app_t *, const char *topic, size_t, const char *message, size_t,
                 uws_opcode_t, bool compress);

static const int NO_TLS = 0;
static uws_app_t *app;

static size_t header(uws_req_t *request, const char *name, const char **value) {
  return uws_req_get_header(request, name, strlen(name), value);
}

static void on_upgrade(uws_res_t *response, uws_req_t *request, uws_socket_context_t *context,
                       void *data) {
  (void)data;
  const char *room, *key, *protocol, *extensions;
  size_t room_len = uws_req_get_query(request, "room", 4, &room);
  size_t key_len = header(request, "sec-websocket-key", &key);
  size_t protocol_len = header(request, "sec-websocket-protocol", &protocol);
  size_t extensions_len = header(request, "sec-websocket-extensions", &extensions);
  uws_res_upgrade(NO_TLS, response, strndup(room, room_len), key, key_len, protocol, protocol_len,
                  extensions, extensions_len, context);
}

static void on_open(uws_websocket_t *socket, void *data) {
  (void)data;
  const char *room = uws_ws_get_user_data(NO_TLS, socket);
  uws_ws_subscribe(NO_TLS, socket, room, strlen(room));
}

static void on_message(uws_websocket_t *socket, const char *message, size_t len,
                       uws_opcode_t opcode, void *data) {
  (void)data;
  const char *room = uws_ws_get_user_data(NO_TLS, socket);
  uws_publish(NO_TLS, app, room, strlen(room), message, len, opcode, false);
}

static void on_close(uws_websocket_t *socket, int code, const char *reason, size_t len,
                     void *data) {
  (void)code, (void)reason, (void)len, (void)data;
  free(uws_ws_get_user_data(NO_TLS, socket));
}

static void on_listening(void *listener, uws_app_listen_config_t config, void *data) {
  (void)config, (void)data;
  if (listener == NULL) {
    fputs("uws: the port is taken\n", stderr);
    exit(1);
  }
}

int main(int count, char **arguments) {
  if (count != 2) {
    fputs("usage: uws PORT\n", stderr);
    return 2;
  }
  uws_socket_behavior_t behavior = {
      .max_payload_length = 64 * 1024,
      .idle_timeout = 120,
      .max_backpressure = 1024 * 1024,
      .send_pings_automatically = true,
      .upgrade = on_upgrade,
      .open = on_open,
      .message = on_message,
      .close = on_close,
  };
  uws_app_listen_config_t address = {.port = atoi(arguments[1]), .host = "127.0.0.1"};
  app = uws_create_app(NO_TLS, (struct us_socket_context_options_t){0});
  uws_ws(NO_TLS, app, "/*", behavior, NULL);
  uws_app_listen_with_config(NO_TLS, app, address, on_listening, NULL);
  uws_app_run(NO_TLS, app);
  return 0;
}
