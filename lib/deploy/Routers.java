package lib.deploy;

import java.util.List;

/** The routers that there are. A new one is a class that implements {@link Router}, an entry here, and its contract test. */
public final class Routers {
    private Routers() {}

    /**
     * @param isExact whether it can give any percent; else shares follow the numbers of pods
     * @param says for {@code --help} and the guide
     */
    public record Kind(String id, String target, boolean isExact, String says) {}

    private static final List<Kind> ALL = List.of(
            new Kind("haproxy", "local", true, "HAProxy, told of weights while it runs"),
            new Kind("embedded", "local", true, "a small router in Java, for trying out"),
            new Kind("gateway-api", "kubernetes", true, "weights of a Gateway API HTTPRoute"),
            new Kind("istio", "kubernetes", true, "weights of an Istio VirtualService"),
            new Kind("nginx", "kubernetes", true, "annotations of a canary Ingress of ingress-nginx"),
            new Kind("service", "kubernetes", false, "the selector of a Service: all or nothing, for blue-green"),
            new Kind("replicas", "kubernetes", false, "the ratio of pods behind one Service"),
            new Kind("flag", "any", true, "a feature flag with fractional targeting"));

    public static List<Kind> all() {
        return ALL;
    }

    public static Kind of(String id) {
        return ALL.stream().filter(k -> k.id().equals(id)).findFirst().orElseThrow(() -> new IllegalArgumentException("no router " + id));
    }
}
