//! The text of a URL rule, such as `/users/<int:id>`, parsed into its parts.
