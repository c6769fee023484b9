"""The review of a pile: the queue, what was decided, what that teaches. It knows no Streamlit."""
