"""bytes_raw: what is not quite HTTP, and who is slow. One broken client never keeps another waiting."""
import socket
import threading
import time

from house import say


def talk(house, data, wait=3.0, chunks=None, pause=0):
    """Sends bytes; gives what came back until the server closed or fell silent."""
    with socket.create_connection(('127.0.0.1', house.port), timeout=wait) as s:
        try:
            for chunk in chunks or [data]:
                s.sendall(chunk)
                time.sleep(pause)
        except OSError:
            pass
        got = b''
        try:
            while True:
                part = s.recv(65536)
                if not part:
                    return got, True
                got += part
                if b'\r\n\r\n' in got and complete(got):
                    return got, False
        except OSError:
            return got, False


def complete(got):
    head, _, body = got.partition(b'\r\n\r\n')
    for line in head.split(b'\r\n'):
        if line.lower().startswith(b'content-length:'):
            return len(body) >= int(line.split(b':')[1])
    return True


def status(got):
    return int(got.split(b' ')[1]) if got.startswith(b'HTTP/1.') and len(got) > 12 else 0


def run(house):
    house.furnish(2)
    auth = b'Authorization: Bearer ' + house.tokens[0].encode() + b'\r\n'
    start = b'POST /v1/tags HTTP/1.1\r\nHost: x\r\n' + auth + b'Content-Type: application/json\r\n'
    before = house.must('GET', '/v1/tags')
    broken = {
        'nothing but a line end': b'\r\n\r\n',
        'no version': b'GET /\r\n\r\n',
        'no such version': b'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
        'HTTP/2 preface': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        'TLS hello': b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'\x00' * 200,
        'zeroes': b'\x00' * 500,
        'random': bytes(range(256)) * 4,
        'an endless word': b'A' * 100000,
        'an endless path': b'GET /' + b'a' * 60000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
        'an endless header': b'GET / HTTP/1.1\r\nHost: x\r\nX: ' + b'a' * 60000 + b'\r\n\r\n',
        'a thousand headers': b'GET / HTTP/1.1\r\nHost: x\r\n' + b''.join(b'X-%d: 1\r\n' % i for i in range(1000)) + b'\r\n',
        'no host': b'GET /healthz HTTP/1.1\r\n\r\n',
        'two hosts': b'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
        'two lengths': start + b'Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}',
        'length and chunks': start + b'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
        'a negative length': start + b'Content-Length: -1\r\n\r\n{}',
        'a length that is no number': start + b'Content-Length: 0x10\r\n\r\n{}',
        'a length past 2^64': start + b'Content-Length: 99999999999999999999999\r\n\r\n{}',
        'an unknown coding': start + b'Transfer-Encoding: gzip\r\n\r\n{}',
        'a bad chunk': start + b'Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n',
        'a huge chunk': start + b'Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n',
        'a folded header': b'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n',
        'a space before the colon': b'GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n',
        'a control byte in a header': b'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n',
        'a method nobody knows': b'BREW /v1/tags HTTP/1.1\r\nHost: x\r\n\r\n',
        'an absolute address': b'GET http://evil/healthz HTTP/1.1\r\nHost: x\r\n\r\n',
        'two dots': b'GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
        'encoded dots': b'GET /docs/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
        'CONNECT': b'CONNECT evil:80 HTTP/1.1\r\nHost: x\r\n\r\n',
        'TRACE': b'TRACE / HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\n\r\n',
    }
    for name, data in broken.items():
        got, is_closed = talk(house, data, 1)
        code = status(got)
        # What libmicrohttpd itself cannot read it answers with a page of its own, or it waits for a line that never comes.
        is_good = 400 <= code < 500 or code in (0, 501, 505) or (name == 'an absolute address' and code == 200)
        if code >= 400 and b'\r\n\r\n' in got:
            is_good = is_good and (b'"code"' in got or b'<html>' in got)
        if name == 'TRACE':
            is_good = is_good and b'secret' not in got
        say(is_good, 'raw: %s: %s' % (name, code or ('closed' if is_closed else 'silence')), repr(got[:300]))
    say(house.must('GET', '/v1/tags') == before, 'none of it left a tag behind')

    size = 1 << 20
    for name, data in (('a body of 1 MiB and one byte', b'{"name":"' + b'a' * (size - 10) + b'"}'), ('a body of 40 MiB', b'[' + b'1,' * (20 << 20))):
        got, _ = talk(house, start + b'Content-Length: %d\r\n\r\n' % len(data) + data, 8)
        say(status(got) == 413, '%s is refused with 413' % name, repr(got[:200]))
    bomb = b'{"name":' + b'[' * 300000 + b']' * 300000 + b'}'
    got, _ = talk(house, start + b'Content-Length: %d\r\n\r\n' % len(bomb) + bomb, 8)
    say(status(got) in (400, 422), 'a depth bomb is refused: %d' % status(got), repr(got[:200]))
    wide = b'{' + b','.join(b'"k%d":1' % i for i in range(70000)) + b'}'
    began = time.time()
    got, _ = talk(house, start + b'Content-Length: %d\r\n\r\n' % len(wide) + wide, 8)
    say(status(got) in (400, 422) and time.time() - began < 2, 'seventy thousand keys are refused at once: %d' % status(got), repr(got[:200]))

    half(house, start, before)
    slow(house, start)


def half(house, start, before):
    """Requests that break off, at every place."""
    whole = start + b'Content-Length: 22\r\n\r\n{"name":"\xe5\x8d\x8a\xe4\xb8\xaa\xe4\xba\xba"}  '
    for cut in range(1, len(whole) - 1, 7):
        with socket.create_connection(('127.0.0.1', house.port)) as s:
            s.sendall(whole[:cut])
    time.sleep(0.3)
    say(house.must('GET', '/v1/tags') == before, 'requests that break off leave nothing behind')
    order = b'GET /v1/members?limit=200&format=csv HTTP/1.1\r\nHost: x\r\n' + start.split(b'\r\n')[2] + b'\r\n\r\n'
    for _ in range(50):
        with socket.create_connection(('127.0.0.1', house.port)) as s:
            s.sendall(order * 3)
    say(house.call('GET', '/healthz', as_=None).status == 200, 'clients that do not wait for their answers harm nobody')


def slow(house, start):
    """Three hundred clients that send a byte now and then; a till beside them is served as ever."""
    sockets = []
    for i in range(300):
        s = socket.create_connection(('127.0.0.1', house.port))
        s.sendall(start[:20 + i % 60])
        sockets.append(s)
    worst, stop = 0, time.time() + 3
    while time.time() < stop:
        began = time.time()
        status_now = house.call('GET', '/v1/members/%s/points' % house.have['member_id']).status
        worst = max(worst, time.time() - began)
        if status_now != 200:
            worst = 99
            break
        for s in sockets[:20]:
            try:
                s.sendall(b'x')
            except OSError:
                pass
        time.sleep(0.05)
    say(worst < 1, 'beside 300 slow clients a till waits %.3f s at most' % worst)
    for s in sockets:
        s.close()
    done = []

    def trickle():
        began = time.time()
        with socket.create_connection(('127.0.0.1', house.port), timeout=60) as s:
            try:
                for i in range(200):
                    s.sendall(start[i % len(start):i % len(start) + 1])
                    s.settimeout(0.4)
                    try:
                        if s.recv(1000) == b'':
                            break
                        break
                    except socket.timeout:
                        pass
            except OSError:
                pass
        done.append(time.time() - began)
    threads = [threading.Thread(target=trickle) for _ in range(5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    say(max(done) < 40, 'a client that trickles is sent away after %.0f s' % max(done))
