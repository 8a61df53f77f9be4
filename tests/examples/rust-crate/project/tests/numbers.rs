use roman_digits::write;

#[test]
fn small_numbers() {
    let texts: Vec<String> = (1..=5).map(write).collect();
    assert_eq!(texts, ["I", "II", "III", "IV", "V"]);
}
