package lib.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import lib.deploy.Journal.Entry;
import lib.deploy.Journal.Phase;
import lib.deploy.Target.Passing;
import lib.deploy.Target.Progress;
import lib.plan.Rollout.Action;
import lib.plan.Rollout.Hook;
import lib.plan.Rollout.Kind;
import lib.plan.Rollout;

/**
 * Goes through a rollout, action by action: the intent into the journal, the act, its proof, and that it is done into the journal. Since acts
 * are idempotent, whoever finds a journal after a crash does the pending one again and goes on.
 *
 * <p>When something fails: what memory holds becomes evidence, traffic goes back, the target's evidence is gathered, workloads go back, and all
 * of it is verified. Knows no target's words, no clock but {@link Pace}, and prints nothing.
 */
final class Engine {
    private static final Duration POLL = Duration.ofMillis(400);

    /** Where tests cut the rollout off; in earnest it does nothing. */
    interface Faults {
        void at(String point);
    }

    /** What the rollout says as it goes. */
    interface Listener {
        void event(String text);

        /** What it waits for at present, for a live view. */
        default void waiting(String text) {}
    }

    /** @param timeoutSeconds of one action; @param evidence the folder that evidence goes into */
    record Parts(Target target, Journal journal, Lock lock, Pace pace, Watch.Analyst analyst, Outside outside, Listener listener, Faults faults, int timeoutSeconds, Path evidence) {}

    /** @param evidence the folder of what was gathered before a rollback, or null */
    record Result(Phase phase, String says, Path evidence, Entry entry) {}

    /** The new version can't go on. */
    static final class Rejected extends RuntimeException {
        final String detail;

        Rejected(String cause, String detail) {
            super(cause);
            this.detail = detail;
        }
    }

    private static final class Interrupted extends RuntimeException {}

    private final Parts parts;
    private final Target target;
    private Entry entry;
    private Rollout plan;
    private Router router;
    /** Once a way back is gone, nobody can interrupt it. */
    private boolean isUnstoppable;

    Engine(Parts parts) {
        this.parts = parts;
        this.target = parts.target();
    }

    /** From the beginning. */
    Result start(Rollout rollout, String id, String by, String why) {
        use(rollout);
        parts.journal().read();
        ObjectNode snapshot = insist("take a snapshot", () -> target.snapshot(rollout));
        JsonNode route = router == null ? null : insist("read the route", router::snapshot);
        entry = new Entry(Journal.SCHEMA, id, by, why, parts.pace().now().toString(), "", rollout, snapshot, route, Phase.RUNNING, 0, false, false, "", "", List.of(), List.of());
        save(entry);
        return go();
    }

    /** From wherever the journal says. */
    Result resume() {
        open();
        return switch (entry.phase()) {
            case RUNNING, INTERRUPTED -> go();
            case WAITING -> entry.gate() ? go() : result("waits for promotion: deployment_manager promote");
            case ROLLING_BACK, ROLLBACK_FAILED -> rollBack(entry.cause(), "taken up again");
            case SUCCEEDED, ROLLED_BACK -> result("nothing to resume");
        };
    }

    /** A person lets it go on. */
    Result promote(String by) {
        open();
        save(entry.opened(true).with(Phase.RUNNING, entry.next(), false).plus(event("promoted by " + by)));
        return go();
    }

    Result abort(String cause) {
        open();
        return rollBack(cause, "");
    }

    private void open() {
        entry = parts.journal().read().orElseThrow(() -> new IllegalStateException("nothing is journaled"));
        use(entry.plan());
    }

    private void use(Rollout rollout) {
        plan = rollout;
        router = rollout.router().isEmpty() ? null : insist("reach the router", () -> target.router(rollout.router(), rollout));
    }

    private Result go() {
        try {
            while (entry.next() < plan.actions().size()) {
                Action action = plan.actions().get(entry.next());
                if (action.kind() == Kind.GATE && !entry.gate()) {
                    save(entry.with(Phase.WAITING, entry.next(), false).plus(event("waits for promotion by a person")));
                    return result("waits for promotion: deployment_manager promote");
                }
                stopWhenAsked();
                save(entry.with(Phase.RUNNING, entry.next(), true).plus(event(action.says())));
                parts.faults().at("intended " + entry.next());
                perform(action);
                parts.faults().at("acted " + entry.next());
                save(entry.with(Phase.RUNNING, entry.next() + 1, false).opened(false));
                parts.faults().at("done " + (entry.next() - 1));
            }
            entry = entry.with(Phase.SUCCEEDED, entry.next(), false).ended(parts.pace().now().toString()).plus(event("succeeded"));
            insist("write the history", () -> {
                parts.journal().close(entry);
                return "";
            });
            parts.outside().tell("success", plan, entry.verdict());
            return result(plan.app() + " is " + (plan.to().isEmpty() ? "deployed" : plan.to()));
        } catch (Interrupted e) {
            return makeSafe();
        } catch (Rejected e) {
            return rollBack(e.getMessage(), e.detail);
        }
    }

    private void perform(Action action) {
        switch (action.kind()) {
            case START, SCALE, PROMOTE -> {
                insist(action.says(), () -> {
                    target.begin(action, plan, entry.snapshot());
                    return "";
                });
                await(action.says(), () -> target.progress(action, plan, entry.snapshot()));
            }
            case SHIFT -> shift(action);
            case SETTLE -> {
                if (router != null) {
                    insist(action.says(), () -> {
                        router.settle();
                        return "";
                    });
                    await(action.says(), () -> router.pending(0).<Progress>map(Progress.Waiting::new).orElse(new Progress.Done("")));
                }
            }
            case RETIRE -> retire(action);
            case SMOKE -> parts.outside().smoke(target.preview(plan), plan.smokes(), this::pause);
            case HOOK -> hook(plan.hooks().stream().filter(h -> h.name().equals(action.name())).findFirst().orElseThrow());
            case WATCH -> watch(action);
            case GATE -> event("promoted past the gate");
        }
    }

    private void shift(Action action) {
        insist(action.says(), () -> {
            router.set(action.weight());
            return "";
        });
        await(action.says(), () -> router.pending(action.weight()).<Progress>map(Progress.Waiting::new).orElse(new Progress.Done("")));
        parts.outside().tell("step", plan, action.says());
    }

    /** The new version serves already: what can't be cleared away is told, and is no reason to go back. */
    private void retire(Action action) {
        try {
            Instant end = parts.pace().now().plusSeconds(action.seconds());
            while (parts.pace().now().isBefore(end)) {
                pause("keeps the old version for a while");
            }
            insist(action.says(), () -> {
                target.begin(action, plan, entry.snapshot());
                return "";
            });
            await(action.says(), () -> target.progress(action, plan, entry.snapshot()));
        } catch (Rejected e) {
            event("left over: " + e.getMessage() + (e.detail.isEmpty() ? "" : ": " + e.detail));
        }
    }

    private void hook(Hook hook) {
        String problem = parts.outside().run(hook, plan, entry.id());
        if (!problem.isEmpty()) {
            throw new Rejected("hook " + hook.name() + " failed", problem);
        }
    }

    private void watch(Action action) {
        int number = (int) plan.actions().subList(0, entry.next()).stream().filter(a -> a.kind() == Kind.WATCH).count();
        new Watch(target, parts.analyst(), parts.pace(), plan, action, number, new Watch.Record() {
            @Override
            public void sampled(List<Journal.Sample> all, String verdict) {
                save(entry.measuring(all).saying(verdict, entry.cause()));
                parts.listener().event(verdict);
            }

            @Override
            public void pause(String why) {
                Engine.this.pause(why);
            }

            @Override
            public void say(String text) {
                event(text);
            }
        }).run(entry.samples(), entry.snapshot());
    }

    // --- the ways back ---

    private Result rollBack(String cause, String detail) {
        isUnstoppable = true;
        save(entry.saying(entry.verdict(), cause).with(Phase.ROLLING_BACK, entry.next(), true).plus(event("rolling back: " + cause + (detail.isEmpty() ? "" : "\n" + detail))));
        Evidence evidence = Evidence.open(parts.evidence(), entry, detail);
        parts.faults().at("rollback begun");
        try {
            if (router != null) {
                restoreTraffic();
                event("traffic is back on " + (plan.from().isEmpty() ? "the version before" : plan.from()));
            }
            parts.faults().at("traffic back");
            evidence.gather(target, plan, entry);
            plan.hooks().stream().filter(h -> h.when().equals("on-rollback")).forEach(h -> {
                String problem = parts.outside().run(h, plan, entry.id());
                event("hook " + h.name() + (problem.isEmpty() ? " done" : " failed: " + problem));
            });
            insist("undo", () -> {
                target.undo(plan, entry.snapshot());
                return "";
            });
            await("undo", () -> target.undone(plan, entry.snapshot()));
            parts.faults().at("workloads back");
            if (router != null) {
                await("verify the route", () -> router.unrestored(entry.route()).<Progress>map(Progress.Waiting::new).orElse(new Progress.Done("")));
            }
            entry = entry.with(Phase.ROLLED_BACK, entry.next(), false).ended(parts.pace().now().toString()).plus(event("rolled back, and verified"));
            insist("write the history", () -> {
                parts.journal().close(entry);
                return "";
            });
            evidence.finish(entry);
            parts.outside().tell("rollback", plan, cause);
            return new Result(Phase.ROLLED_BACK, cause, evidence.folder(), entry);
        } catch (Rejected | lib.cli.Failure e) {
            save(entry.with(Phase.ROLLBACK_FAILED, entry.next(), true).plus(event("the rollback failed: " + e.getMessage() + (e instanceof Rejected r && !r.detail.isEmpty() ? ": " + r.detail : ""))));
            evidence.finish(entry);
            parts.outside().tell("rollback-failed", plan, e.getMessage());
            return new Result(Phase.ROLLBACK_FAILED, cause + "; the rollback failed: " + e.getMessage(), evidence.folder(), entry);
        }
    }

    private void restoreTraffic() {
        insist("bring traffic back", () -> {
            router.restore(entry.route());
            return "";
        });
        await("bring traffic back", () -> router.unrestored(entry.route()).<Progress>map(Progress.Waiting::new).orElse(new Progress.Done("")));
    }

    /**
     * Somebody wants the process to end. Users get the version that is known to be good: a share that is being judged goes back; a promotion that
     * has begun stays where it is, for it was judged already.
     */
    private Result makeSafe() {
        isUnstoppable = true;
        int promotion = firstOf(Kind.PROMOTE);
        boolean isJudged = plan.strategy() != Rollout.Strategy.ROLLING && promotion >= 0 && entry.next() >= promotion;
        int next = entry.next();
        try {
            if (!isJudged && router != null) {
                restoreTraffic();
                next = firstOfStep(next);
            } else if (!isJudged && next > promotion) {
                insist("undo", () -> {
                    target.undo(plan, entry.snapshot());
                    return "";
                });
                await("undo", () -> target.undone(plan, entry.snapshot()));
                next = promotion;
            }
        } catch (Rejected e) {
            return rollBack("interrupted, and traffic did not come back at once", e.getMessage());
        }
        save(entry.with(Phase.INTERRUPTED, next, false).plus(event("interrupted; " + (isJudged ? "the new version has the traffic" : "traffic is on the version before") + "; resume goes on, abort clears away")));
        parts.outside().tell("interrupted", plan, "");
        return result("interrupted in a safe state: resume goes on, abort clears away");
    }

    private int firstOf(Kind kind) {
        for (int i = 0; i < plan.actions().size(); i++) {
            if (plan.actions().get(i).kind() == kind) {
                return i;
            }
        }
        return -1;
    }

    /** The action that gives traffic again what the one at this index needs. */
    private int firstOfStep(int index) {
        if (index >= plan.actions().size()) {
            return index;
        }
        int step = plan.actions().get(index).step();
        int first = index;
        while (first > 0 && plan.actions().get(first - 1).step() == step && step > 0) {
            first--;
        }
        return first;
    }

    // --- waiting ---

    private void await(String what, Supplier<Progress> look) {
        Instant deadline = parts.pace().now().plusSeconds(parts.timeoutSeconds());
        String last = "";
        while (true) {
            try {
                Progress progress = look.get();
                if (progress instanceof Progress.Done) {
                    return;
                }
                if (progress instanceof Progress.Doomed doomed) {
                    throw new Rejected(doomed.cause(), doomed.detail());
                }
                last = ((Progress.Waiting) progress).why();
            } catch (Passing e) {
                last = e.getMessage();
            }
            if (parts.pace().now().isAfter(deadline)) {
                throw new Rejected(what + " took more than " + parts.timeoutSeconds() + " s", last);
            }
            pause(last);
        }
    }

    /** Passing faults are waited out, until the time of one action is over. */
    private <T> T insist(String what, Supplier<T> act) {
        Instant deadline = parts.pace().now().plusSeconds(parts.timeoutSeconds());
        boolean isTold = false;
        while (true) {
            try {
                return act.get();
            } catch (Passing e) {
                if (parts.pace().now().isAfter(deadline)) {
                    throw new Rejected("cannot " + what, e.getMessage());
                }
                if (!isTold) {
                    parts.listener().event("tries again: " + e.getMessage());
                    isTold = true;
                }
                parts.pace().sleep(POLL);
            }
        }
    }

    private void pause(String why) {
        stopWhenAsked();
        parts.listener().waiting(why);
        parts.pace().sleep(POLL);
        try {
            parts.lock().renew();
        } catch (Passing e) {
            // The lease is good for a while yet; the next turn asks again.
            parts.listener().waiting(e.getMessage());
        }
        stopWhenAsked();
    }

    private void stopWhenAsked() {
        if (!isUnstoppable && parts.pace().isInterrupted()) {
            throw new Interrupted();
        }
    }

    private void save(Entry next) {
        entry = next;
        insist("write the journal", () -> {
            parts.journal().write(next);
            return "";
        });
    }

    private String event(String text) {
        parts.listener().event(text);
        return parts.pace().now() + " " + text;
    }

    private Result result(String says) {
        return new Result(entry.phase(), says, null, entry);
    }

    static Optional<Action> pending(Entry entry) {
        return entry.next() < entry.plan().actions().size() ? Optional.of(entry.plan().actions().get(entry.next())) : Optional.empty();
    }
}
