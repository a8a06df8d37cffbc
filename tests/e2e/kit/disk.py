"""disk: a disk that is full, that is read-only, that breaks, and a file that may not grow. Writes are refused with 503
store.unavailable, reads go on, nothing acknowledged is lost, and when the disk is well again the shop goes on by itself."""
import errno
import os
import resource
import shutil
import subprocess
import tempfile
import threading
import time

from house import House, new_number, say


def run(binary):
    file_limit(binary)
    broken(binary)
    full(binary)


def sell(house, number):
    return house.call('POST', '/v1/orders', {'shop_id': house.have['shop_id'], 'member_id': house.have['member_id'], 'order_no': number, 'settle': True,
                      'lines': [{'name': '茶', 'quantity': 1, 'unit_price_fen': 100}], 'tenders': [{'tender': 'cash', 'amount_fen': 100}]})


def balance(house):
    return house.must('GET', '/v1/members/%s/points' % house.have['member_id'])['balance']


def sell_until(house, is_refused, most_s=20):
    """Orders one after the other; the numbers that were acknowledged, and the first refusal."""
    sold, end = [], time.time() + most_s
    while time.time() < end:
        number = new_number()
        answer = sell(house, number)
        if answer.status == 201:
            sold.append(number)
        if (answer.status >= 400) == is_refused:
            return sold, answer
        if is_refused is False:
            time.sleep(0.1)
    return sold, answer


def trouble(house, name, break_it, mend_it, others_may=(503, 429)):
    before = balance(house)
    break_it()
    sold, refused = sell_until(house, True)
    say(refused.status == 503 and refused.code == 'store.unavailable' and 'retry-after' in refused.headers, '%s: writes are refused with 503 store.unavailable' % name, repr(refused))
    reads = [house.call('GET', path).status for path in ('/v1/members/%s' % house.have['member_id'], '/v1/orders?limit=50', '/v1/members?q=0001', '/healthz',
             '/v1/members/lookup?phone=13900000001', '/v1/orders?limit=200&format=csv')]
    say(reads[:-1] == [200] * 5, '%s: reads go on' % name, str(reads))
    others = [house.call('POST', '/v1/members', {'phone': '137%08d' % i}).status for i in range(3)] + [house.call('POST', '/v1/login', {'login': 'boss', 'password': 'hostile-boss'}, as_=None).status]
    say(set(others) <= set(others_may), '%s: every other change is refused alike' % name, str(others))
    say(house.is_alive(), '%s: the server lives' % name)
    mend_it()
    more, well = sell_until(house, False)
    say(well.status == 201, '%s: it recovers by itself' % name, repr(well))
    sold += more
    missing = [n for n in sold if not house.must('GET', '/v1/orders?order_no=' + n)['items']]
    say(not missing, '%s: no acknowledged order of %d is lost' % (name, len(sold)), str(missing[:3]))
    say(balance(house) == before + len(sold), '%s: and the points are those of the acknowledged orders' % name, '%d, %d before, %d sold' % (balance(house), before, len(sold)))


def done(house, name):
    house.stop()
    say(house.is_clean(), '%s: the books are clean afterwards (laoke check)' % name)
    house.end()


def file_limit(binary):
    house = House(binary)
    try:
        house.furnish(2)
        pid = house.process.pid
        size = max(os.path.getsize(house.db), os.path.getsize(house.db + '-wal')) + 64 * 1024
        trouble(house, 'a file that may not grow', lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY)),
                lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
                (503, 429, 200, 201))      # what is small may still find room in the file
        done(house, 'a file that may not grow')
    finally:
        house.end()


def broken(binary):
    folder = tempfile.mkdtemp(prefix='laoke-badwrites-')
    library, flag = os.path.join(folder, 'badwrites.so'), os.path.join(folder, 'now')
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'badwrites.c')
    subprocess.run(['gcc', '-O1', '-shared', '-fPIC', '-o', library, source, '-ldl'], check=True)
    sanitized = b'libasan' in subprocess.run(['ldd', binary], capture_output=True).stdout
    if sanitized:
        return

    def preload():
        os.environ['LD_PRELOAD'], os.environ['BADWRITES'] = library, flag
    os.environ['BADWRITES'] = flag
    for name, number in (('a disk that became read-only', errno.EROFS), ('a disk that breaks', errno.EIO), ('a full disk', errno.ENOSPC), ('a full share of it', errno.EDQUOT)):
        os.environ['LD_PRELOAD'] = library
        try:
            house = House(binary)
        finally:
            del os.environ['LD_PRELOAD']
        try:
            house.furnish(2)

            def break_it():
                with open(flag + '.new', 'w') as f:
                    f.write(str(number))
                os.rename(flag + '.new', flag)
            trouble(house, name, break_it, lambda: os.remove(flag))
            done(house, name)
        finally:
            if os.path.exists(flag):
                os.remove(flag)
            house.end()
    shutil.rmtree(folder)


def full(binary):
    """A real file system that is full; only root can make one."""
    folder = tempfile.mkdtemp(prefix='laoke-full-')
    if os.geteuid() != 0 or subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=24m', 'laoke', folder], capture_output=True).returncode != 0:
        os.rmdir(folder)
        print('   not root: the full file system was not tried')
        return
    try:
        house = House(binary, folder=folder)
        house.furnish(2)
        filler = os.path.join(folder, 'filler')

        def fill():
            with open(filler, 'wb', buffering=0) as f:
                try:
                    while True:
                        f.write(b'x' * 65536)
                except OSError:
                    pass
        trouble(house, 'a full file system', fill, lambda: os.remove(filler))
        done(house, 'a full file system')
        at_the_start(binary, folder, fill, lambda: os.remove(filler))
    finally:
        house.end()
        subprocess.run(['umount', folder], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def at_the_start(binary, folder, fill, empty):
    """Started on a full disk, and on one that is mounted read-only: it serves what it can, or says why not and ends."""
    fill()
    try:
        house = House(binary, folder=folder)
        say(house.call('GET', '/healthz', as_=None).status == 200, 'started on a full file system it serves')
        empty()
        house.tokens = []
        for _ in range(100):
            answer = house.call('POST', '/v1/login', {'login': 'boss', 'password': 'hostile-boss'}, as_=None)
            if answer.status == 200:
                break
            time.sleep(0.1)
        say(answer.status == 200, 'and recovers', repr(answer))
        house.stop()
        house.end()
    except SystemExit as error:
        empty()
        say('store' in open(os.path.join(tempfile.gettempdir(), 'laoke-hostile-%d.log' % os.getpid()), errors='replace').read().lower(), 'started on a full file system it says why not', str(error))
    subprocess.run(['mount', '-o', 'remount,ro', folder], check=True)
    p = subprocess.run([binary, 'serve', '--empty', '--db', folder + '/laoke.db', '--key-file', folder + '/laoke.key', '--port', '0'], capture_output=True, text=True, timeout=20)
    say(p.returncode == 3 and len(p.stderr) > 10, 'started on a read-only file system it ends with 3 and says why: %s' % p.stderr.strip()[:200], '%d' % p.returncode)
    subprocess.run(['mount', '-o', 'remount,rw', folder], check=True)
