import Testing

@testable import Slug

@Test func spacesBecomeDashes() {
    #expect(slug("Hello,  World 2") == "hello-world-2")
}
