package lib.deploy;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Time, as the engine knows it: tests give one that doesn't wait. */
public interface Pace {
    Instant now();

    /** Waits, and returns early when {@link #isInterrupted} becomes true. */
    void sleep(Duration time);

    /** Whether somebody asked the process to end. */
    boolean isInterrupted();

    /** Of this machine. */
    final class Real implements Pace {
        private final CountDownLatch end = new CountDownLatch(1);

        @Override
        public Instant now() {
            return Instant.now();
        }

        @Override
        public void sleep(Duration time) {
            try {
                // Who waits after the interruption does so on the way to a safe state, and must not spin.
                if (isInterrupted()) {
                    Thread.sleep(time.toMillis());
                } else {
                    end.await(time.toMillis(), TimeUnit.MILLISECONDS);
                }
            } catch (InterruptedException e) {
                interrupt();
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean isInterrupted() {
            return end.getCount() == 0;
        }

        public void interrupt() {
            end.countDown();
        }
    }
}
