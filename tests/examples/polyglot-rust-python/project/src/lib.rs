use pyo3::prelude::*;

#[pyfunction]
pub fn slug(title: &str) -> String {
    title.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(slug, m)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_are_joined() {
        assert_eq!(super::slug("Hello World"), "hello-world");
    }
}
