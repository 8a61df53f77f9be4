/// The text in small letters and digits, with a dash for everything else.
public func slug(_ text: String) -> String {
    let parts = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    return parts.joined(separator: "-")
}
