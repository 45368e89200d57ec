/*
 * Joins network namespaces by cables with a delay, a loss and a switch. Each end of a cable is a TUN device.
 *
 * usage: cable DELAY_MS NAMESPACE:DEVICE=NAMESPACE:DEVICE ...
 *
 * Prints "ready" when all devices exist. Reads commands from standard input, one a line, with the index of a cable:
 *   loss INDEX PERCENT    loses that share of the packets in both directions
 *   cut INDEX             loses all packets, including those under way
 *   join INDEX            undoes cut
 * Ends at the end of its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_CABLES 8
#define MAX_PACKET 2048
#define QUEUE_LENGTH 8192

struct packet {
  int64_t due_ns;
  ssize_t length;
  uint8_t bytes[MAX_PACKET];
};

/* One direction of a cable: what enters at one device leaves at the other. */
struct direction {
  int from, to;
  struct packet *queue;
  size_t head, count;
};

struct cable {
  struct direction directions[2];
  double loss;
  bool is_cut;
};

static struct cable cables[MAX_CABLES];
static int cable_count;
static int64_t delay_ns;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Creates a TUN device in a network namespace. The file descriptor works from any namespace. */
static int open_device(const char *name, const char *device) {
  char path[256];
  snprintf(path, sizeof path, "/var/run/netns/%s", name);
  int own = open("/proc/self/ns/net", O_RDONLY), other = open(path, O_RDONLY);
  if (own < 0 || other < 0 || setns(other, CLONE_NEWNET) < 0) fail(path);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  snprintf(request.ifr_name, IFNAMSIZ, "%s", device);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &request) < 0) fail(device);
  if (setns(own, CLONE_NEWNET) < 0) fail("setns");
  close(own);
  close(other);
  return fd;
}

static void add_cable(char *ends) {
  char *names[4];
  names[0] = strtok(ends, ":=");
  for (int i = 1; i < 4; i++) names[i] = strtok(NULL, ":=");
  if (names[3] == NULL || cable_count == MAX_CABLES) {
    fprintf(stderr, "a cable needs NAMESPACE:DEVICE=NAMESPACE:DEVICE, and there are at most %d\n", MAX_CABLES);
    exit(1);
  }
  struct cable *cable = &cables[cable_count++];
  int fds[2] = {open_device(names[0], names[1]), open_device(names[2], names[3])};
  for (int i = 0; i < 2; i++) {
    cable->directions[i].from = fds[i];
    cable->directions[i].to = fds[1 - i];
    cable->directions[i].queue = malloc(QUEUE_LENGTH * sizeof(struct packet));
    if (cable->directions[i].queue == NULL) fail("malloc");
  }
}

/* Takes in all packets that have arrived. A full queue loses them, as a full router does. */
static void take_in(struct cable *cable, struct direction *way) {
  struct packet lost;
  for (;;) {
    bool is_lost = cable->is_cut || drand48() < cable->loss || way->count == QUEUE_LENGTH;
    struct packet *packet = is_lost ? &lost : &way->queue[(way->head + way->count) % QUEUE_LENGTH];
    packet->length = read(way->from, packet->bytes, MAX_PACKET);
    if (packet->length <= 0) return;
    packet->due_ns = now_ns() + delay_ns;
    if (!is_lost) way->count++;
  }
}

/* Delivers the packets that are due. Returns when the next one is, or INT64_MAX. */
static int64_t deliver(struct cable *cable, struct direction *way) {
  for (; way->count > 0; way->head = (way->head + 1) % QUEUE_LENGTH, way->count--) {
    struct packet *packet = &way->queue[way->head];
    if (packet->due_ns > now_ns()) return packet->due_ns;
    /* A device that is down refuses it: the packet is lost. */
    if (!cable->is_cut && write(way->to, packet->bytes, packet->length) < 0) continue;
  }
  return INT64_MAX;
}

static void obey(char *line) {
  char verb[8];
  int index;
  double percent = 0;
  if (sscanf(line, "%7s %d %lf", verb, &index, &percent) < 2 || index < 0 || index >= cable_count) return;
  if (strcmp(verb, "loss") == 0) cables[index].loss = percent / 100;
  if (strcmp(verb, "cut") == 0) cables[index].is_cut = true;
  if (strcmp(verb, "join") == 0) cables[index].is_cut = false;
}

/* Returns false at the end of the input. */
static bool read_commands(void) {
  char input[1024];
  ssize_t length = read(STDIN_FILENO, input, sizeof input - 1);
  if (length <= 0) return length < 0 && errno == EINTR;
  input[length] = '\0';
  for (char *rest = input, *line; (line = strsep(&rest, "\n")) != NULL;) obey(line);
  return true;
}

static void carry(void) {
  struct pollfd polled[1 + 2 * MAX_CABLES] = {{.fd = STDIN_FILENO, .events = POLLIN}};
  for (int i = 0; i < 2 * cable_count; i++)
    polled[1 + i] = (struct pollfd){.fd = cables[i / 2].directions[i % 2].from, .events = POLLIN};
  for (;;) {
    int64_t next_ns = INT64_MAX;
    for (int i = 0; i < 2 * cable_count; i++) {
      int64_t due_ns = deliver(&cables[i / 2], &cables[i / 2].directions[i % 2]);
      if (due_ns < next_ns) next_ns = due_ns;
    }
    int64_t wait_ns = next_ns == INT64_MAX ? 1000000000LL : next_ns - now_ns();
    if (wait_ns < 0) wait_ns = 0;
    struct timespec wait = {.tv_sec = wait_ns / 1000000000LL, .tv_nsec = wait_ns % 1000000000LL};
    if (ppoll(polled, 1 + 2 * cable_count, &wait, NULL) < 0 && errno != EINTR) fail("ppoll");
    if (polled[0].revents != 0 && !read_commands()) return;
    for (int i = 0; i < 2 * cable_count; i++)
      if (polled[1 + i].revents & POLLIN) take_in(&cables[i / 2], &cables[i / 2].directions[i % 2]);
  }
}

int main(int count, char **arguments) {
  if (count < 3) {
    fprintf(stderr, "usage: cable DELAY_MS NAMESPACE:DEVICE=NAMESPACE:DEVICE ...\n");
    return 1;
  }
  srand48(getpid());
  delay_ns = (int64_t)(atof(arguments[1]) * 1e6);
  for (int i = 2; i < count; i++) add_cable(arguments[i]);
  printf("ready\n");
  fflush(stdout);
  carry();
  return 0;
}
